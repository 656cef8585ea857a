/*
 * A crowd of sessions on one node: how long the connect storm takes, what idle sessions cost, and how long one change
 * takes to reach the last of many watchers. Raw frames, one epoll loop, no library.
 *
 * Usage: crowd --hosts H:P,H:P --sessions N --root PATH [--watch ROUNDS]
 * Opens N sessions (at most 40 handshakes under way, since Apache listens with a backlog of 50), prints {"connectedMs":..}, then
 *   with --watch: in each round every session sets a data watch on PATH/k0, one of them sets its data, and a line
 *     {"firstUs":..,"lastUs":..,"told":N} says when the first and the last were told, from the sending of the set;
 *   then holds all sessions, pinging each every 3 s, until its standard input ends.
 * Exit: 0 done, 1 a server answered wrongly or went away, 2 bad usage.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SESSIONS = 50000, MAX_HOSTS = 16, IN_BYTES = 8192, HANDSHAKES_AT_ONCE = 40, DEADLINE_S = 120 };

struct session {
  int fd, ready, answered, told;
  uint8_t in[IN_BYTES];
  size_t in_len;
};

static struct sockaddr_in hosts[MAX_HOSTS];
static int host_count, session_count, rounds;
static const char *root = "/bench";
static struct session *all;
static int epoll, opened, ready_count, answered_count, told_count;
static uint64_t first_told_ns, last_told_ns;

static void die(int code, const char *what, const char *detail) {
  fprintf(stderr, "crowd: %s%s%s\n", what, detail ? ": " : "", detail ? detail : "");
  exit(code);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static void put_int(uint8_t **p, int32_t v) {
  uint32_t n = htonl((uint32_t)v);
  memcpy(*p, &n, 4);
  *p += 4;
}

static int32_t get_int(const uint8_t *p) {
  uint32_t n;
  memcpy(&n, p, 4);
  return (int32_t)ntohl(n);
}

static void send_all(struct session *s, const uint8_t *bytes, size_t len) {
  /* Requests are tens of bytes and answered before the next one: the socket's buffer always has room. */
  if (write(s->fd, bytes, len) != (ssize_t)len) die(1, "write", strerror(errno));
}

static void send_node_request(struct session *s, int op) {
  char path[200];
  int path_len = snprintf(path, sizeof path, "%s/k0", root);
  uint8_t frame[300], *p = frame + 4, *length = frame;
  put_int(&p, 1);
  put_int(&p, op);
  put_int(&p, path_len);
  memcpy(p, path, (size_t)path_len);
  p += path_len;
  if (op == 4) *p++ = 1;
  else {
    put_int(&p, 1);
    *p++ = 'y';
    put_int(&p, -1);
  }
  put_int(&length, (int32_t)(p - frame - 4));
  send_all(s, frame, (size_t)(p - frame));
}

static void open_next(void) {
  static const uint8_t hello[49] = {0, 0, 0, 45, [18] = 0x75, [19] = 0x30, [31] = 16};
  struct session *s = &all[opened];
  s->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (s->fd < 0) die(1, "socket", strerror(errno));
  /* One source address a 10,000 sessions, or the ports of 127.0.0.1 run out. */
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001u + (uint32_t)(opened / 10000))};
  int one = 1;
  setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind(s->fd, (struct sockaddr *)&from, sizeof from) != 0) die(1, "bind", strerror(errno));
  if (connect(s->fd, (struct sockaddr *)&hosts[opened % host_count], sizeof hosts[0]) != 0) die(1, "connect", strerror(errno));
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(s->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
  epoll_ctl(epoll, EPOLL_CTL_ADD, s->fd, &event);
  send_all(s, hello, sizeof hello);
  opened++;
}

static void on_frame(struct session *s, const uint8_t *body, uint32_t len) {
  if (!s->ready) {
    if (len < 36 || get_int(body + 4) <= 0) die(1, "no session", NULL);
    s->ready = 1;
    ready_count++;
    return;
  }
  int32_t xid = get_int(body);
  if (xid == -2) return;
  if (xid == -1) {
    if (s->told) die(1, "one watch fired twice", NULL);
    s->told = 1;
    uint64_t now = now_ns();
    if (told_count++ == 0) first_told_ns = now;
    last_told_ns = now;
    return;
  }
  if (get_int(body + 12) != 0) die(1, "an operation failed", NULL);
  s->answered = 1;
  answered_count++;
}

static void pump(int wait_ms) {
  struct epoll_event events[256];
  int n = epoll_wait(epoll, events, 256, wait_ms);
  for (int i = 0; i < n; i++) {
    struct session *s = events[i].data.ptr;
    ssize_t got = read(s->fd, s->in + s->in_len, IN_BYTES - s->in_len);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) die(1, "a server closed a connection", got < 0 ? strerror(errno) : NULL);
    s->in_len += (size_t)got;
    size_t at = 0;
    while (s->in_len - at >= 4) {
      uint32_t len = (uint32_t)get_int(s->in + at);
      if (len > IN_BYTES - 4) die(1, "a reply too large", NULL);
      if (s->in_len - at - 4 < len) break;
      on_frame(s, s->in + at + 4, len);
      at += 4 + len;
    }
    memmove(s->in, s->in + at, s->in_len - at);
    s->in_len -= at;
  }
}

static void wait_until(const int *count, int wanted, const char *what) {
  uint64_t deadline = now_ns() + DEADLINE_S * 1000000000ull;
  while (*count < wanted) {
    pump(10);
    if (now_ns() > deadline) die(1, "gave up waiting", what);
  }
}

static void watch_round(void) {
  answered_count = told_count = 0;
  for (int i = 0; i < session_count; i++) {
    all[i].told = all[i].answered = 0;
    send_node_request(&all[i], 4);
    if (i % 256 == 0) pump(0);
  }
  wait_until(&answered_count, session_count, "for the watches to be set");
  uint64_t start = now_ns();
  send_node_request(&all[0], 5);
  wait_until(&told_count, session_count, "for the watchers to be told");
  wait_until(&answered_count, session_count + 1, "for the set");
  printf("{\"firstUs\":%.1f,\"lastUs\":%.1f,\"told\":%d}\n", (double)(first_told_ns - start) / 1e3, (double)(last_told_ns - start) / 1e3, told_count);
  fflush(stdout);
}

int main(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--sessions") == 0) session_count = atoi(argv[i + 1]);
    else if (strcmp(argv[i], "--watch") == 0) rounds = atoi(argv[i + 1]);
    else if (strcmp(argv[i], "--root") == 0) root = argv[i + 1];
    else if (strcmp(argv[i], "--hosts") == 0) {
      for (char *save, *item = strtok_r(argv[i + 1], ",", &save); item && host_count < MAX_HOSTS; item = strtok_r(NULL, ",", &save)) {
        char *colon = strrchr(item, ':');
        if (!colon) die(2, "--hosts wants IPV4:PORT, got", item);
        *colon = 0;
        hosts[host_count].sin_family = AF_INET;
        hosts[host_count].sin_port = htons((uint16_t)atoi(colon + 1));
        if (inet_pton(AF_INET, item, &hosts[host_count++].sin_addr) != 1) die(2, "not an IPv4 address", item);
      }
    } else die(2, "unknown option", argv[i]);
  }
  if (host_count == 0 || session_count < 1 || session_count > MAX_SESSIONS || argc % 2 == 0) die(2, "wants --hosts and --sessions 1..50000", NULL);
  struct rlimit files = {(rlim_t)session_count + 64, (rlim_t)session_count + 64};
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) die(1, "cannot open that many files", strerror(errno));
  epoll = epoll_create1(0);
  all = calloc((size_t)session_count, sizeof *all);

  uint64_t start = now_ns();
  while (ready_count < session_count) {
    while (opened < session_count && opened - ready_count < HANDSHAKES_AT_ONCE) open_next();
    pump(10);
    if (now_ns() - start > DEADLINE_S * 1000000000ull) die(1, "gave up waiting", "for all sessions");
  }
  printf("{\"connectedMs\":%.1f}\n", (double)(now_ns() - start) / 1e6);
  fflush(stdout);
  for (int i = 0; i < rounds; i++) watch_round();

  static const uint8_t ping[12] = {0, 0, 0, 8, 255, 255, 255, 254, 0, 0, 0, 11};
  int next = 0;
  uint64_t began = now_ns();
  for (uint64_t sent = 0;;) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    if (poll(&input, 1, 0) > 0) {
      char byte;
      if (read(0, &byte, 1) <= 0) return 0;
    }
    uint64_t due = (now_ns() - began) * (uint64_t)session_count / 3000000000ull;
    for (; sent < due; sent++) {
      send_all(&all[next], ping, sizeof ping);
      next = (next + 1) % session_count;
    }
    pump(5);
  }
}
