import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The jobs of {@code bench/peers/jobs.ts}, until standard input ends. Arguments are {@code name=value}: bootstrap,
 * application, state (a folder), job (A to E), guarantee (at-least-once or exactly-once), commitMs, threads, variant
 * (default, or tuned: larger polls and batches of the producer).
 */
public final class Jobs {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  static final Serde<JsonNode> JSON = Serdes.serdeFrom((topic, node) -> write(node), (topic, bytes) -> read(bytes));
  private static final Serde<Counts> COUNTS =
      Serdes.serdeFrom((topic, counts) -> write(counts), (topic, bytes) -> readCounts(bytes));
  private static volatile boolean seen;

  /** Public, as Jackson needs it. */
  public static final class Counts {
    public long total;
    public long errors;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (String arg : args) options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    Properties config = new Properties();
    boolean isExact = options.get("guarantee").equals("exactly-once");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.get("bootstrap"));
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, options.get("application"));
    config.put(StreamsConfig.STATE_DIR_CONFIG, options.get("state"));
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, isExact ? "exactly_once_v2" : "at_least_once");
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, options.get("commitMs"));
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.get("threads"));
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    if (options.get("variant").equals("tuned")) {
      config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "5000");
      config.put(ProducerConfig.BATCH_SIZE_CONFIG, String.valueOf(128 * 1024));
    }
    StreamsBuilder builder = new StreamsBuilder();
    String output = options.get("application") + "-out";
    switch (options.get("job")) {
      case "A" -> alert(builder, output);
      case "B" -> count(builder, output);
      case "C" -> deduplicate(builder, output);
      case "D" -> enrich(builder, output);
      default -> FleetJob.build(builder, output);
    }
    KafkaStreams streams = new KafkaStreams(builder.build(), config);
    CountDownLatch failed = new CountDownLatch(1);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          failed.countDown();
          return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
    Thread reader = new Thread(Jobs::awaitEndOfInput);
    reader.start();
    while (reader.isAlive() && failed.getCount() > 0) reader.join(50);
    streams.close(new KafkaStreams.CloseOptions().leaveGroup(true).timeout(Duration.ofSeconds(20)));
    System.exit(failed.getCount() > 0 ? 0 : 1);
  }

  private static void alert(StreamsBuilder builder, String output) {
    builder.stream("logs", Consumed.with(Serdes.String(), JSON))
        .filter(
            (key, log) -> {
              see();
              String level = log.get("level").textValue();
              return level.equals("WARN") || level.equals("ERROR") || level.equals("FATAL");
            })
        .mapValues(log -> (JsonNode) ((ObjectNode) log).put("alert", "yes"))
        .to(output, Produced.with(Serdes.String(), JSON));
  }

  private static void count(StreamsBuilder builder, String output) {
    builder.stream("logs", Consumed.with(Serdes.String(), JSON))
        .groupByKey()
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofMinutes(1)))
        .aggregate(
            Counts::new,
            (key, log, counts) -> {
              see();
              counts.total++;
              if (log.get("level").textValue().equals("ERROR")) counts.errors++;
              return counts;
            },
            Materialized.<String, Counts, WindowStore<Bytes, byte[]>>as("counts")
                .withKeySerde(Serdes.String())
                .withValueSerde(COUNTS))
        .toStream()
        .map((window, counts) -> KeyValue.pair(window.key() + "@" + window.window().start(), counts))
        .to(output, Produced.with(Serdes.String(), COUNTS));
  }

  private static void deduplicate(StreamsBuilder builder, String output) {
    builder.addStateStore(SeenIds.store("seen", Duration.ofMinutes(10)));
    builder.stream("logs", Consumed.with(Serdes.String(), JSON))
        .processValues(
            () -> new SeenIds<JsonNode>("seen", Duration.ofMinutes(10), log -> log.get("correlationId").textValue()),
            "seen")
        .to(output, Produced.with(Serdes.String(), JSON));
  }

  private static void enrich(StreamsBuilder builder, String output) {
    GlobalKTable<String, JsonNode> hosts = builder.globalTable("hosts", Consumed.with(Serdes.String(), JSON));
    KTable<String, JsonNode> services = builder.table("services", Consumed.with(Serdes.String(), JSON));
    builder.stream("logs", Consumed.with(Serdes.String(), JSON))
        .join(
            hosts,
            (key, log) -> log.get("host").textValue(),
            (log, host) -> {
              see();
              return (JsonNode) ((ObjectNode) log).put("datacenter", host.get("datacenter").textValue());
            })
        .join(
            services,
            (log, service) ->
                (JsonNode)
                    ((ObjectNode) log)
                        .put("owner", service.get("owner").textValue())
                        .put("tier", service.get("tier").textValue()),
            Joined.with(Serdes.String(), JSON, JSON))
        .to(output, Produced.with(Serdes.String(), JSON));
  }

  static void see() {
    if (seen) return;
    seen = true;
    System.out.println("FIRST");
  }

  private static byte[] write(Object value) {
    if (value == null) return null;
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static JsonNode read(byte[] bytes) {
    if (bytes == null) return null;
    try {
      return MAPPER.readTree(bytes);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static Counts readCounts(byte[] bytes) {
    if (bytes == null) return null;
    try {
      return MAPPER.readValue(bytes, Counts.class);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) continue;
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
