/*
 * A neutral load generator for any ZooKeeper server: raw frames, one epoll loop, no library.
 * It decodes no more of a reply than its header, so that it is never the bottleneck: it reports its own
 * CPU time beside the result, and the harness refuses a run in which that came near one whole core.
 *
 * Usage: load --hosts H:P,H:P --op get|set|create|mix|ping --connections N --outstanding N --size BYTES
 *             --keys N --read-percent N --warmup-ms N --measure-ms N --limit N --root PATH --pids PID,PID [--prepare]
 * --limit ends it after so many requests, however long that takes. --pids are the servers' processes, whose CPU time is
 * read where measuring begins and where it ends, from /proc.
 * Prints one line of JSON. Exit: 0 done, 1 a server answered wrongly or went away, 2 bad usage.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OP_CREATE = 1, OP_GET = 4, OP_SET = 5, OP_PING = 11, OP_CLOSE = -11 };
enum { XID_PING = -2 };
enum { MAX_CONNECTIONS = 1024, MAX_HOSTS = 16, MAX_PIDS = 16, MAX_OUTSTANDING = 4096, IN_BYTES = 1 << 20 };
/* Latency histogram: 64 powers of two of nanoseconds, 64 linear steps in each (under 1.6 % error). */
enum { STEPS = 64, BUCKETS = 64 * STEPS };
#define ERR_NODE_EXISTS (-110)

struct connection {
  int fd, id, ready, head, inflight;
  int32_t xid;
  uint32_t lcg;
  uint64_t created;
  uint64_t sent_ns[MAX_OUTSTANDING];
  uint8_t *in;
  size_t in_len;
  uint8_t *out;
  size_t out_len, out_off;
};

static struct {
  struct sockaddr_in hosts[MAX_HOSTS];
  int pids[MAX_PIDS];
  int host_count, pid_count, connections, outstanding, size, keys, read_percent, warmup_ms, measure_ms, prepare;
  uint64_t limit;
  const char *op, *root;
} options = {.connections = 8, .outstanding = 64, .size = 1024, .keys = 1000, .read_percent = 70, .warmup_ms = 1000, .measure_ms = 3000, .limit = UINT64_MAX, .op = "get", .root = "/bench"};

static uint64_t histogram[BUCKETS];
static uint64_t done_ops, issued_ops, max_ns;
static int measuring, prepared_next;

static void die(int code, const char *what, const char *detail) {
  fprintf(stderr, "load: %s%s%s\n", what, detail ? ": " : "", detail ? detail : "");
  exit(code);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static int bucket_of(uint64_t ns) {
  if (ns < STEPS) return (int)ns;
  int power = 63 - __builtin_clzll(ns);
  return (power - 5) * STEPS + (int)((ns >> (power - 6)) & (STEPS - 1));
}

static uint64_t value_of(int bucket) {
  if (bucket < STEPS) return (uint64_t)bucket;
  int power = bucket / STEPS + 5;
  return (1ull << power) + ((uint64_t)(bucket % STEPS) << (power - 6));
}

static uint64_t percentile(double p) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i < BUCKETS; i++) total += histogram[i];
  for (int i = 0; i < BUCKETS; i++) {
    seen += histogram[i];
    if (seen && (double)seen >= p * (double)total) return value_of(i);
  }
  return 0;
}

static uint8_t *put_int(uint8_t *p, int32_t v) {
  uint32_t n = htonl((uint32_t)v);
  memcpy(p, &n, 4);
  return p + 4;
}

static uint8_t *put_text(uint8_t *p, const char *s) {
  int len = (int)strlen(s);
  p = put_int(p, len);
  memcpy(p, s, (size_t)len);
  return p + len;
}

static uint8_t *put_data(uint8_t *p) {
  p = put_int(p, options.size);
  memset(p, 'x', (size_t)options.size);
  return p + options.size;
}

static uint8_t *put_open_acl(uint8_t *p) {
  p = put_int(p, 1);
  p = put_int(p, 31);
  p = put_text(p, "world");
  return put_text(p, "anyone");
}

static void request(struct connection *c, int op) {
  char path[256];
  uint8_t *start = c->out + c->out_len, *p = start + 4;
  c->xid = c->xid == INT32_MAX ? 1 : c->xid + 1;
  p = put_int(p, op == OP_PING ? XID_PING : c->xid);
  p = put_int(p, op);
  if (op == OP_CREATE) {
    if (options.prepare) {
      if (prepared_next < 0) snprintf(path, sizeof path, "%s", options.root);
      else snprintf(path, sizeof path, "%s/k%d", options.root, prepared_next);
      prepared_next++;
    } else snprintf(path, sizeof path, "%s/c%d-%d-%llu", options.root, (int)getpid(), c->id, (unsigned long long)c->created++);
    p = put_text(p, path);
    p = put_data(p);
    p = put_open_acl(p);
    p = put_int(p, 0);
  } else if (op == OP_GET || op == OP_SET) {
    c->lcg = c->lcg * 1664525u + 1013904223u;
    snprintf(path, sizeof path, "%s/k%u", options.root, (c->lcg >> 8) % (uint32_t)options.keys);
    p = put_text(p, path);
    if (op == OP_GET) *p++ = 0;
    else {
      p = put_data(p);
      p = put_int(p, -1);
    }
  }
  put_int(start, (int32_t)(p - start - 4));
  c->out_len += (size_t)(p - start);
  c->sent_ns[(c->head + c->inflight) % options.outstanding] = now_ns();
  c->inflight++;
}

static int next_op(struct connection *c) {
  switch (options.op[0]) {
    case 'g': return OP_GET;
    case 's': return OP_SET;
    case 'c': return OP_CREATE;
    case 'p': return OP_PING;
    default:
      c->lcg = c->lcg * 1664525u + 1013904223u;
      return (int)((c->lcg >> 16) % 100) < options.read_percent ? OP_GET : OP_SET;
  }
}

static void flush(struct connection *c) {
  while (c->out_off < c->out_len) {
    ssize_t n = write(c->fd, c->out + c->out_off, c->out_len - c->out_off);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) die(1, "write", strerror(errno));
    c->out_off += (size_t)n;
  }
  c->out_off = c->out_len = 0;
}

static void refill(struct connection *c, int stopping) {
  if (!stopping && c->out_len == 0)
    while (c->inflight < options.outstanding) {
      if (options.prepare && prepared_next >= options.keys) break;
      if (issued_ops >= options.limit) break;
      issued_ops++;
      request(c, options.prepare ? OP_CREATE : next_op(c));
    }
  flush(c);
}

static void receive(struct connection *c) {
  for (;;) {
    ssize_t n = read(c->fd, c->in + c->in_len, IN_BYTES - c->in_len);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (n <= 0) die(1, "a server closed the connection", n < 0 ? strerror(errno) : NULL);
    c->in_len += (size_t)n;
    size_t at = 0;
    uint64_t now = now_ns();
    while (c->in_len - at >= 4) {
      uint32_t len;
      memcpy(&len, c->in + at, 4);
      len = ntohl(len);
      if (len > IN_BYTES - 4) die(1, "a reply over 1 MiB", NULL);
      if (c->in_len - at - 4 < len) break;
      uint8_t *body = c->in + at + 4;
      at += 4 + len;
      if (!c->ready) {
        int32_t timeout;
        memcpy(&timeout, body + 4, 4);
        if (len < 36 || (int32_t)ntohl((uint32_t)timeout) <= 0) die(1, "no session", NULL);
        c->ready = 1;
        continue;
      }
      int32_t err;
      memcpy(&err, body + 12, 4);
      err = (int32_t)ntohl((uint32_t)err);
      if (err != 0 && !(options.prepare && err == ERR_NODE_EXISTS)) {
        char text[32];
        snprintf(text, sizeof text, "%d", err);
        die(1, "an operation failed with error", text);
      }
      if (measuring) {
        uint64_t took = now - c->sent_ns[c->head];
        histogram[bucket_of(took)]++;
        if (took > max_ns) max_ns = took;
        done_ops++;
      }
      c->head = (c->head + 1) % options.outstanding;
      c->inflight--;
    }
    memmove(c->in, c->in + at, c->in_len - at);
    c->in_len -= at;
  }
}

static void open_connection(struct connection *c, int id, int epoll) {
  static const uint8_t hello[49] = {0, 0, 0, 45, [18] = 0x75, [19] = 0x30, [31] = 16};
  c->id = id;
  c->lcg = 12345u + (uint32_t)id * 7919u;
  c->in = malloc(IN_BYTES);
  c->out = malloc((size_t)(options.outstanding + 2) * ((size_t)options.size + 512));
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(c->fd, (struct sockaddr *)&options.hosts[id % options.host_count], sizeof(struct sockaddr_in)) != 0)
    die(1, "connect", strerror(errno));
  int one = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
  if (write(c->fd, hello, sizeof hello) != (ssize_t)sizeof hello) die(1, "write", "handshake");
}

static void parse_hosts(char *text) {
  for (char *save, *item = strtok_r(text, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
    char *colon = strrchr(item, ':');
    if (!colon || options.host_count == MAX_HOSTS) die(2, "--hosts wants IPV4:PORT[,IPV4:PORT...], got", item);
    *colon = 0;
    struct sockaddr_in *a = &options.hosts[options.host_count++];
    a->sin_family = AF_INET;
    a->sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, item, &a->sin_addr) != 1) die(2, "not an IPv4 address", item);
  }
}

static void parse_pids(char *text) {
  for (char *save, *item = strtok_r(text, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
    if (options.pid_count == MAX_PIDS) die(2, "too many --pids", NULL);
    options.pids[options.pid_count++] = atoi(item);
  }
}

static void parse(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *key = argv[i];
    if (strcmp(key, "--prepare") == 0) {
      options.prepare = 1;
      continue;
    }
    if (++i == argc) die(2, "a value is missing after", key);
    char *value = argv[i];
    if (strcmp(key, "--hosts") == 0) parse_hosts(value);
    else if (strcmp(key, "--pids") == 0) parse_pids(value);
    else if (strcmp(key, "--limit") == 0) options.limit = strtoull(value, NULL, 10);
    else if (strcmp(key, "--op") == 0) options.op = value;
    else if (strcmp(key, "--root") == 0) options.root = value;
    else if (strcmp(key, "--connections") == 0) options.connections = atoi(value);
    else if (strcmp(key, "--outstanding") == 0) options.outstanding = atoi(value);
    else if (strcmp(key, "--size") == 0) options.size = atoi(value);
    else if (strcmp(key, "--keys") == 0) options.keys = atoi(value);
    else if (strcmp(key, "--read-percent") == 0) options.read_percent = atoi(value);
    else if (strcmp(key, "--warmup-ms") == 0) options.warmup_ms = atoi(value);
    else if (strcmp(key, "--measure-ms") == 0) options.measure_ms = atoi(value);
    else die(2, "unknown option", key);
  }
  if (options.host_count == 0) die(2, "--hosts is missing", NULL);
  if (!strchr("gscmp", options.op[0])) die(2, "--op is get, set, create, mix or ping, not", options.op);
  if (options.connections < 1 || options.connections > MAX_CONNECTIONS) die(2, "--connections is 1..1024", NULL);
  if (options.outstanding < 1 || options.outstanding > MAX_OUTSTANDING) die(2, "--outstanding is 1..4096", NULL);
  if (options.size < 0 || options.size > 900000 || options.keys < 1) die(2, "--size is 0..900000, --keys at least 1", NULL);
}

static double cpu_seconds(void) {
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* User and system time of the servers so far. */
static double server_cpu_seconds(void) {
  unsigned long long ticks = 0;
  for (int i = 0; i < options.pid_count; i++) {
    char name[64], text[1024];
    snprintf(name, sizeof name, "/proc/%d/stat", options.pids[i]);
    FILE *file = fopen(name, "r");
    if (!file) die(1, "a server's process is gone", name);
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = 0;
    /* The name in parentheses may hold spaces; utime and stime are the 12th and 13th field behind it. */
    char *at = strrchr(text, ')');
    unsigned long long user, system;
    if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2) die(1, "not understood", name);
    ticks += user + system;
  }
  return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

int main(int argc, char **argv) {
  parse(argc, argv);
  if (options.prepare) {
    /* In order over one connection: the parent exists before its children. */
    options.connections = 1;
    prepared_next = -1;
  }
  int epoll = epoll_create1(0);
  struct connection *all = calloc((size_t)options.connections, sizeof *all);
  for (int i = 0; i < options.connections; i++) open_connection(&all[i], i, epoll);

  uint64_t start = now_ns(), begin = 0, end = 0;
  double cpu_begin = 0, cpu_end = 0, server_begin = 0, server_end = 0;
  for (int stopping = 0;;) {
    struct epoll_event events[64];
    int n = epoll_wait(epoll, events, 64, 5);
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
      if (c->ready) refill(c, stopping);
    }
    uint64_t now = now_ns();
    int idle = 1;
    for (int i = 0; i < options.connections; i++) idle &= all[i].ready && all[i].inflight == 0;
    if (options.prepare) {
      if (idle && prepared_next >= options.keys) break;
      if (now - start > 60000000000ull) die(1, "preparing took over 60 s", NULL);
    } else if (!measuring && !stopping && now - start >= (uint64_t)options.warmup_ms * 1000000ull) {
      measuring = 1;
      begin = now;
      cpu_begin = cpu_seconds();
      server_begin = server_cpu_seconds();
    } else if (measuring && (options.limit == UINT64_MAX ? now - begin >= (uint64_t)options.measure_ms * 1000000ull : idle && issued_ops >= options.limit)) {
      measuring = 0;
      stopping = 1;
      end = now;
      cpu_end = cpu_seconds();
      server_end = server_cpu_seconds();
    } else if (stopping && (idle || now - end > 10000000000ull)) {
      if (!idle) die(1, "replies missing 10 s after the last request", NULL);
      break;
    }
  }
  for (int i = 0; i < options.connections; i++) {
    request(&all[i], OP_CLOSE);
    flush(&all[i]);
  }
  double seconds = end > begin ? (double)(end - begin) / 1e9 : 1;
  printf("{\"operations\":%llu,\"seconds\":%.6f,\"perSecond\":%.1f,\"p50Us\":%.1f,\"p99Us\":%.1f,\"p999Us\":%.1f,\"maxUs\":%.1f,\"loadCpuShare\":%.3f,\"serverCpuUs\":%.3f}\n",
         (unsigned long long)done_ops, seconds, (double)done_ops / seconds, (double)percentile(0.5) / 1e3, (double)percentile(0.99) / 1e3,
         (double)percentile(0.999) / 1e3, (double)max_ns / 1e3, (cpu_end - cpu_begin) / seconds,
         done_ops ? (server_end - server_begin) * 1e6 / (double)done_ops : 0);
  return 0;
}
