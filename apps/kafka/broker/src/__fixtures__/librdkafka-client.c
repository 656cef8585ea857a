/*
 * A client of librdkafka for tests and benches, compiled on demand: cc -O2 -o client librdkafka-client.c -lrdkafka
 *
 *   client produce  BROKERS TOPIC COUNT BYTES ACKS [key=value...]   idempotent if the configuration says so
 *   client transact BROKERS TOPIC COUNT BYTES ID   [key=value...]   COUNT committed, then COUNT aborted, then COUNT committed
 *   client consume  BROKERS TOPIC COUNT GROUP      [key=value...]   prints the payloads, one a line, until COUNT or silence
 *   client drain    BROKERS TOPIC COUNT GROUP      [key=value...]   the same without printing
 *
 * The last line on stderr is JSON: what was done in how many seconds, and how much CPU this process needed for it.
 */
#include <librdkafka/rdkafka.h>
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

int main(int argc, char **argv) {
  if (argc < 6) die("usage", "client produce|transact|consume|drain BROKERS TOPIC COUNT ...");
  const char *mode = argv[1], *topic = argv[3];
  long count = atol(argv[4]);
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
