import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
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
 * The applications that tests hand from Java to millrace and back, or run in both at once: {@code bootstrap
 * applicationId stateFolder leave|stay classic|streams shop|words}. Says RUNNING, closes when its standard input ends,
 * says CLOSED.
 */
public final class Peer {
  public static void main(String[] args) throws Exception {
    Properties config = new Properties();
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
    config.put(StreamsConfig.STATE_DIR_CONFIG, args[2]);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
    config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6000);
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 500);
    config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, args[4]);
    StreamsBuilder builder = new StreamsBuilder();
    if (args[5].equals("words")) countWords(builder, config);
    else build(builder);
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
    boolean leave = args[3].equals("leave");
    streams.close(new KafkaStreams.CloseOptions().leaveGroup(leave).timeout(Duration.ofSeconds(20)));
    System.out.println("CLOSED");
    System.exit(failed.getCount() > 0 ? 0 : 1);
  }

  private static void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) {}
    } catch (java.io.IOException error) {
      // The end as well.
    }
  }

  /** The topology of {@code test/integration/runtime/counting-worker.mjs}. */
  private static void countWords(StreamsBuilder builder, Properties config) {
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    KStream<String, String> words = builder.stream("words");
    words
        .groupBy((key, word) -> word, Grouped.as("by-word"))
        .count(Materialized.as("counts"))
        .toStream()
        .to("word-counts", Produced.with(Serdes.String(), Serdes.Long()));
  }

  private static void build(StreamsBuilder builder) {
    KStream<String, String> events = builder.stream("events");
    events.groupByKey().count(Materialized.as("counts")).toStream().mapValues(String::valueOf).to("counted");
    events
        .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
        .windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofSeconds(10)))
        .count(Materialized.as("windows"))
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()).withName("closed"))
        .toStream()
        .map((key, count) -> KeyValue.pair(key.key() + "@" + key.window().start(), String.valueOf(count)))
        .to("windowed");
    events
        .groupByKey()
        .windowedBy(SessionWindows.ofInactivityGapWithNoGrace(Duration.ofSeconds(5)))
        .count(Materialized.as("sessions"))
        .toStream()
        .map(
            (key, count) ->
                KeyValue.pair(
                    key.key() + "@" + key.window().start() + "-" + key.window().end(), String.valueOf(count)))
        .to("sessioned");
    KStream<String, String> payments = builder.stream("payments");
    events
        .join(
            payments,
            (event, payment) -> event + "+" + payment,
            JoinWindows.ofTimeDifferenceWithNoGrace(Duration.ofSeconds(10)),
            StreamJoined.<String, String, String>as("paid").withName("paid"))
        .to("joined");
    KTable<String, String> orders = builder.table("orders", Materialized.as("orders-store"));
    KTable<String, String> customers = builder.table("customers", Materialized.as("customers-store"));
    orders
        .join(customers, order -> order.split(":")[0], (order, customer) -> order + "/" + customer)
        .toStream()
        .to("ordered");
    orders
        .groupBy(
            (id, order) -> KeyValue.pair(order.split(":")[0], order), Grouped.with(Serdes.String(), Serdes.String()))
        .count(Materialized.as("per-customer"))
        .toStream()
        .mapValues(String::valueOf)
        .to("regrouped");
  }
}
