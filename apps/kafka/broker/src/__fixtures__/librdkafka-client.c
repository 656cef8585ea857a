/*
 * A client of librdkafka for tests and benches, compiled on demand: cc -O2 -o client librdkafka-client.c -lrdkafka -lpthread
 *
 *   client produce  BROKERS TOPIC COUNT BYTES ACKS [key=value...]   idempotent if the configuration says so
 *   client transact BROKERS TOPIC COUNT BYTES ID   [key=value...]   COUNT committed, then COUNT aborted, then COUNT committed
 *   client consume  BROKERS TOPIC COUNT GROUP      [key=value...]   prints the payloads, one a line, until COUNT or silence
 *   client drain    BROKERS TOPIC COUNT GROUP      [key=value...]   the same without printing
 *   client latency  BROKERS TOPIC COUNT RATE ACKS  [key=value...]   RATE a second, read again by the same process: how long each took
 *
 * The last line on stderr is JSON: what was done in how many seconds, and how much CPU this process needed for it.
 */
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static long delivered = 0, failed = 0;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void die(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
  (void)rk, (void)opaque;
  if (m->err) {
    if (!failed++) fprintf(stderr, "delivery: %s\n", rd_kafka_err2str(m->err));
  } else
    delivered++;
}

static void set(rd_kafka_conf_t *conf, const char *key, const char *value) {
  char why[512];
  if (rd_kafka_conf_set(conf, key, value, why, sizeof why) != RD_KAFKA_CONF_OK) die(key, why);
}

static rd_kafka_t *make(rd_kafka_type_t type, rd_kafka_conf_t *conf, char **extra) {
  char why[512];
  for (; *extra; extra++) {
    char *is = strchr(*extra, '=');
    if (!is) die(*extra, "expected key=value");
    *is = 0;
    set(conf, *extra, is + 1);
  }
  rd_kafka_t *rk = rd_kafka_new(type, conf, why, sizeof why);
  if (!rk) die("new", why);
  return rk;
}

/* Payloads are their number, then padding: a reader can tell order, gaps and repeats. */
static void produce(rd_kafka_t *rk, const char *topic, long from, long count, long bytes, const char *mark) {
  char *payload = malloc(bytes + 64);
  for (long n = from; n < from + count; n++) {
    int length = snprintf(payload, 64, "%s%ld ", mark, n);
    if (length < bytes) memset(payload + length, 'x', bytes - length), length = bytes;
    rd_kafka_resp_err_t err;
    while ((err = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE(payload, length),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END))
           == RD_KAFKA_RESP_ERR__QUEUE_FULL)
      rd_kafka_poll(rk, 10);
    if (err) die("produce", rd_kafka_err2str(err));
    if (n % 1000 == 0) rd_kafka_poll(rk, 0);
  }
  free(payload);
}

static void step(const char *what, rd_kafka_error_t *error) {
  if (error) die(what, rd_kafka_error_string(error));
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* A thread reads what main writes: each payload begins with the time at which it was handed to the producer. */
struct reading {
  rd_kafka_t *rk;
  long count, done;
  double *took;
};

static void *read_along(void *arg) {
  struct reading *r = arg;
  for (double last = now(); r->done < r->count && now() - last < 10;) {
    rd_kafka_message_t *m = rd_kafka_consumer_poll(r->rk, 100);
    if (!m) continue;
    if (!m->err && m->len >= sizeof(double)) {
      double sent;
      memcpy(&sent, m->payload, sizeof sent);
      last = now();
      if (sent > 0) r->took[r->done++] = (last - sent) * 1000;
    }
    rd_kafka_message_destroy(m);
  }
  return NULL;
}

static int is_producer_setting(const char *setting) {
  return !strncmp(setting, "fetch.", 6) ? 0 : 1;
}

static int latency(const char *brokers, const char *topic, long count, long rate, const char *acks, char **extra) {
  char *of_producer[64] = {0}, *of_consumer[64] = {0};
  int producers = 0, consumers = 0;
  for (; *extra && producers + consumers < 60; extra++) {
    if (is_producer_setting(*extra)) of_producer[producers++] = *extra;
    else of_consumer[consumers++] = *extra;
  }
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", brokers);
  set(conf, "acks", acks);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t *producer = make(RD_KAFKA_PRODUCER, conf, of_producer);
  conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", brokers);
  set(conf, "group.id", "latency");
  rd_kafka_t *consumer = make(RD_KAFKA_CONSUMER, conf, of_consumer);
  rd_kafka_poll_set_consumer(consumer);
  /* Assigned, not subscribed: this is about messages, not about groups. */
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  if (rd_kafka_assign(consumer, topics)) die("assign", topic);
  struct reading r = {consumer, count, 0, malloc(count * sizeof(double))};
  char payload[100];
  memset(payload, 'x', sizeof payload);
  double none = 0;
  memcpy(payload, &none, sizeof none);
  /* A message that counts for nothing: connections and metadata are there when the clock starts. */
  if (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE(payload, sizeof payload),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END))
    die("produce", topic);
  rd_kafka_flush(producer, 30000);
  rd_kafka_message_t *hello = NULL;
  for (double from = now(); !hello && now() - from < 30;) hello = rd_kafka_consumer_poll(consumer, 100);
  if (!hello) die("latency", "the first message was not read");
  rd_kafka_message_destroy(hello);
  pthread_t reader;
  if (pthread_create(&reader, NULL, read_along, &r)) die("thread", "none could be started");
  double began = now();
  for (long n = 0; n < count; n++) {
    double due = began + (double)n / rate, wait;
    while ((wait = due - now()) > 0) {
      rd_kafka_poll(producer, 0);
      struct timespec t = {0, wait > 0.0005 ? 500000 : (long)(wait * 1e9)};
      nanosleep(&t, NULL);
    }
    double sent = now();
    memcpy(payload, &sent, sizeof sent);
    if (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE(payload, sizeof payload),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END))
      die("produce", topic);
  }
  rd_kafka_flush(producer, 30000);
  pthread_join(reader, NULL);
  double ended = now();
  qsort(r.took, r.done, sizeof(double), by_size);
  if (r.done == 0) die("latency", "nothing was read");
  fprintf(stderr, "{\"messages\":%ld,\"seconds\":%.3f,\"cpuSeconds\":%.3f,\"p50Ms\":%.2f,\"p99Ms\":%.2f,\"maxMs\":%.2f}\n", r.done,
          ended - began, cpu(), r.took[r.done / 2], r.took[r.done * 99 / 100], r.took[r.done - 1]);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  return failed || r.done < count ? 1 : 0;
}

int main(int argc, char **argv) {
  if (argc < 6) die("usage", "client produce|transact|consume|drain|latency BROKERS TOPIC COUNT ...");
  const char *mode = argv[1], *topic = argv[3];
  long count = atol(argv[4]);
  if (!strcmp(mode, "latency")) {
    if (argc < 7) die("usage", "expected a rate and acks");
    return latency(argv[2], topic, count, atol(argv[5]), argv[6], argv + 7);
  }
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", argv[2]);
  double began, ended;
  if (!strcmp(mode, "consume") || !strcmp(mode, "drain")) {
    int print = !strcmp(mode, "consume");
    set(conf, "group.id", argv[5]);
    set(conf, "auto.offset.reset", "earliest");
    rd_kafka_t *rk = make(RD_KAFKA_CONSUMER, conf, argv + 6);
    rd_kafka_poll_set_consumer(rk);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    if (rd_kafka_subscribe(rk, topics)) die("subscribe", topic);
    double first = 0, last = began = now();
    long bytes = 0;
    while (delivered < count && now() - last < (first ? 5 : 30)) {
      rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);
      if (!m) continue;
      if (!m->err) {
        last = now();
        if (!first) first = last;
        delivered++;
        bytes += m->len;
        if (print) printf("%.*s\n", (int)m->len, (char *)m->payload);
      }
      rd_kafka_message_destroy(m);
    }
    ended = last;
    fprintf(stderr, "{\"messages\":%ld,\"bytes\":%ld,\"seconds\":%.3f,\"toFirst\":%.3f,\"cpuSeconds\":%.3f}\n", delivered,
            bytes, ended - first, first - began, cpu());
    rd_kafka_consumer_close(rk);
    rd_kafka_destroy(rk);
    return delivered == count ? 0 : 1;
  }
  long bytes = atol(argv[5]);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  if (argc < 7) die("usage", "expected acks or an id");
  set(conf, !strcmp(mode, "transact") ? "transactional.id" : "acks", argv[6]);
  rd_kafka_t *rk = make(RD_KAFKA_PRODUCER, conf, argv + 7);
  began = now();
  if (!strcmp(mode, "transact")) {
    step("init", rd_kafka_init_transactions(rk, 30000));
    for (int turn = 0; turn < 3; turn++) {
      step("begin", rd_kafka_begin_transaction(rk));
      produce(rk, topic, turn * count, count, bytes, turn == 1 ? "aborted " : "");
      rd_kafka_flush(rk, 30000);
      if (turn == 1)
        step("abort", rd_kafka_abort_transaction(rk, 30000));
      else
        step("commit", rd_kafka_commit_transaction(rk, 30000));
    }
  } else {
    produce(rk, topic, 0, count, bytes, "");
    rd_kafka_flush(rk, 120000);
  }
  ended = now();
  fprintf(stderr, "{\"messages\":%ld,\"failed\":%ld,\"seconds\":%.3f,\"cpuSeconds\":%.3f}\n", delivered, failed,
          ended - began, cpu());
  rd_kafka_destroy(rk);
  return failed || delivered == 0 ? 1 : 0;
}
