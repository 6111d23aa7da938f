import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;

/**
 * The applications that tests and {@code npm run migrate:check} hand from Java to millrace and back, or run in both at
 * once, and that {@code npm run bench -- failover} measures beside millrace. Arguments are {@code name=value}: bootstrap,
 * application, state (a folder), atEnd (leave or stay), protocol (classic or streams), guarantee (at_least_once or
 * exactly_once_v2), threads, commitMs, cacheBytes, standbys (may be empty), topology (shop, named or words), inputs and
 * outputs (what the names of their topics begin with), name (of the process, in the results of named). Says RUNNING,
 * closes when its standard input ends, says CLOSED.
 */
public final class Peer {
  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (String arg : args) options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    Properties config = new Properties();
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.get("bootstrap"));
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, options.get("application"));
    config.put(StreamsConfig.STATE_DIR_CONFIG, options.get("state"));
    config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, options.get("protocol"));
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, options.get("guarantee"));
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.get("threads"));
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, options.get("commitMs"));
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, Long.parseLong(options.get("cacheBytes")));
    config.put(ProducerConfig.LINGER_MS_CONFIG, options.get("lingerMs"));
    config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6000);
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 500);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    if (!options.get("standbys").isEmpty()) configureStandbys(config, options);
    StreamsBuilder builder = new StreamsBuilder();
    switch (options.get("topology")) {
      case "words" -> countWords(builder);
      case "named" -> countNamed(builder, options.get("inputs"), options.get("outputs"), options.get("name"));
      default -> build(builder, options.get("inputs"), options.get("outputs"));
    }
    KafkaStreams streams = new KafkaStreams(builder.build(), config);
    CountDownLatch failed = new CountDownLatch(1);
    streams.setStateListener(
        (state, before) -> {
          System.out.println(state);
          if (state == KafkaStreams.State.ERROR) failed.countDown();
        });
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
    Thread reader = new Thread(Peer::awaitEndOfInput);
    reader.start();
    while (reader.isAlive() && failed.getCount() > 0) reader.join(50);
    boolean leave = options.get("atEnd").equals("leave");
    streams.close(new KafkaStreams.CloseOptions().leaveGroup(leave).timeout(Duration.ofSeconds(20)));
    System.out.println("CLOSED");
    System.exit(failed.getCount() > 0 ? 0 : 1);
  }

  /** In the streams protocol they, and the times of members, belong to the group. */
  private static void configureStandbys(Properties config, Map<String, String> options) throws Exception {
    String standbys = options.get("standbys");
    if (options.get("protocol").equals("classic")) {
      config.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, standbys);
      return;
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.get("bootstrap")))) {
      ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, options.get("application"));
      List<AlterConfigOp> changes =
          List.of(
              set("streams.session.timeout.ms", "6000"),
              set("streams.heartbeat.interval.ms", "500"),
              set("streams.num.standby.replicas", standbys));
      admin.incrementalAlterConfigs(Map.of(group, changes)).all().get();
    }
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  private static void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) {}
    } catch (java.io.IOException error) {
      // The end as well.
    }
  }

  /** The topology of {@code test/integration/runtime/counting-worker.mjs}. */
  private static void countWords(StreamsBuilder builder) {
    KStream<String, String> words = builder.stream("words");
    words
        .groupBy((key, word) -> word, Grouped.as("by-word"))
        .count(Materialized.as("counts"))
        .toStream()
        .to("word-counts", Produced.with(Serdes.String(), Serdes.Long()));
  }

  /** The topology of {@code bench/kafka-streams/named-counts.ts}. */
  private static void countNamed(StreamsBuilder builder, String inputs, String outputs, String name) {
    KStream<String, String> records = builder.stream(inputs + "in");
    records
        .groupByKey()
        .count(Materialized.as("counts"))
        .toStream()
        .mapValues(count -> name + " " + count)
        .to(outputs + "out");
  }

  /** The topology of {@code bench/kafka-streams/shop.ts}. */
  private static void build(StreamsBuilder builder, String inputs, String outputs) {
    KStream<String, String> events = builder.stream(inputs + "events");
    events.groupByKey().count(Materialized.as("counts")).toStream().mapValues(String::valueOf).to(outputs + "counted");
    events
        .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
        .windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofSeconds(10)))
        .count(Materialized.as("windows"))
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()).withName("closed"))
        .toStream()
        .map((key, count) -> KeyValue.pair(key.key() + "@" + key.window().start(), String.valueOf(count)))
        .to(outputs + "windowed");
    events
        .groupByKey()
        .windowedBy(SessionWindows.ofInactivityGapWithNoGrace(Duration.ofSeconds(5)))
        .count(Materialized.as("sessions"))
        .toStream()
        .map(
            (key, count) ->
                KeyValue.pair(
                    key.key() + "@" + key.window().start() + "-" + key.window().end(), String.valueOf(count)))
        .to(outputs + "sessioned");
    KStream<String, String> payments = builder.stream(inputs + "payments");
    events
        .join(
            payments,
            (event, payment) -> event + "+" + payment,
            JoinWindows.ofTimeDifferenceAndGrace(Duration.ofSeconds(10), Duration.ofHours(1)),
            StreamJoined.<String, String, String>as("paid").withName("paid"))
        .to(outputs + "joined");
    KTable<String, String> orders = builder.table(inputs + "orders", Materialized.as("orders-store"));
    KTable<String, String> customers = builder.table(inputs + "customers", Materialized.as("customers-store"));
    orders
        .join(customers, order -> order.split(":")[0], (order, customer) -> order + "/" + customer)
        .toStream()
        .to(outputs + "ordered");
    orders
        .groupBy(
            (id, order) -> KeyValue.pair(order.split(":")[0], order), Grouped.with(Serdes.String(), Serdes.String()))
        .count(Materialized.as("per-customer"))
        .toStream()
        .mapValues(String::valueOf)
        .to(outputs + "regrouped");
  }
}
