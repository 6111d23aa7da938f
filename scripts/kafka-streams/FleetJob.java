import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/**
 * The topology of {@code bench/peers/fleet-job.ts}: logs in the fleet's own shape are enriched, joined with the catalog,
 * freed from duplicates and written as documents; rates in windows of a minute and errors in hopping windows of five
 * minutes are written when they close. Nothing is redacted, and the key of the input is the service, so that no
 * repartition topic is needed.
 */
final class FleetJob {
  private static final Map<String, Integer> PRIORITIES =
      Map.of("debug", 0, "info", 10, "warn", 40, "error", 70, "critical", 90);
  private static final int BUCKETS = 19;

  static void build(StreamsBuilder builder, String output) {
    GlobalKTable<String, JsonNode> catalog =
        builder.globalTable("services", Consumed.with(Serdes.String(), Jobs.JSON));
    builder.addStateStore(SeenIds.store("seen", Duration.ofHours(1)));
    KStream<String, JsonNode> logs =
        builder.stream("fleet-logs", Consumed.with(Serdes.String(), Jobs.JSON))
            .processValues(Enrich::new)
            .leftJoin(catalog, (key, log) -> log.get("service").textValue(), FleetJob::withOwner)
            .processValues(
                () -> new SeenIds<JsonNode>("seen", Duration.ofHours(1), FleetJob::identity), "seen");
    logs.to(output, Produced.with(Serdes.String(), Jobs.JSON));
    rates(logs, output);
    errors(logs, output);
  }

  private static String identity(JsonNode log) {
    return log.get("service").textValue() + "\n" + log.get("eventId").textValue();
  }

  private static JsonNode withOwner(JsonNode log, JsonNode entry) {
    if (entry == null) return log;
    return ((ObjectNode) log)
        .put("owner", entry.get("owner").textValue())
        .put("tier", entry.get("tier").textValue());
  }

  /** Total, errors, and durations in buckets that double: 21 numbers in 84 bytes. */
  private static void rates(KStream<String, JsonNode> logs, String output) {
    logs.groupByKey(Grouped.with(Serdes.String(), Jobs.JSON))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofSeconds(30)))
        .aggregate(
            () -> new byte[4 * (2 + BUCKETS)],
            (service, log, counts) -> counted(log, counts),
            Materialized.with(Serdes.String(), Serdes.ByteArray()))
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()))
        .toStream()
        .map(
            (window, counts) ->
                KeyValue.pair(window.key(), report(window.key(), window.window().start(), counts)))
        .to(output, Produced.with(Serdes.String(), Jobs.JSON));
  }

  private static void errors(KStream<String, JsonNode> logs, String output) {
    TimeWindows windows =
        TimeWindows.ofSizeAndGrace(Duration.ofMinutes(5), Duration.ofSeconds(30)).advanceBy(Duration.ofMinutes(1));
    logs.filter((service, log) -> isError(log))
        .groupByKey(Grouped.with(Serdes.String(), Jobs.JSON))
        .windowedBy(windows)
        .count(Materialized.with(Serdes.String(), Serdes.Long()))
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()))
        .toStream()
        .map(
            (window, count) -> {
              ObjectNode value = JsonNodeFactory.instance.objectNode();
              value.put("startMs", window.window().start()).put("errors", count.longValue());
              return KeyValue.pair(window.key(), (JsonNode) value);
            })
        .to(output, Produced.with(Serdes.String(), Jobs.JSON));
  }

  private static byte[] counted(JsonNode log, byte[] before) {
    ByteBuffer counts = ByteBuffer.wrap(before.clone());
    increment(counts, 0);
    if (isError(log)) increment(counts, 1);
    JsonNode duration = log.get("durationMs");
    if (duration != null && duration.intValue() >= 0) increment(counts, 2 + bucketOf(duration.intValue()));
    return counts.array();
  }

  private static void increment(ByteBuffer counts, int index) {
    counts.putInt(4 * index, counts.getInt(4 * index) + 1);
  }

  /** The power of two that the duration does not go beyond. */
  private static int bucketOf(int durationMs) {
    if (durationMs <= 1) return 0;
    return Math.min(BUCKETS - 1, 32 - Integer.numberOfLeadingZeros(durationMs - 1));
  }

  private static JsonNode report(String service, long startMs, byte[] bytes) {
    ByteBuffer counts = ByteBuffer.wrap(bytes);
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("key", service).put("startMs", startMs).put("endMs", startMs + 60_000);
    report.put("total", counts.getInt(0)).put("errors", counts.getInt(4));
    return report.put("durationP95Ms", quantile(counts, 0.95));
  }

  private static long quantile(ByteBuffer counts, double share) {
    long sum = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) sum += counts.getInt(4 * (2 + bucket));
    double target = sum * share;
    if (target == 0) return 0;
    long seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      seen += counts.getInt(4 * (2 + bucket));
      if (seen >= target) return 1L << bucket;
    }
    return 1L << BUCKETS;
  }

  private static boolean isError(JsonNode log) {
    String level = log.get("level").textValue();
    return level.equals("error") || level.equals("critical");
  }

  /** Fills in what a document says besides the log, and gives the record the time of its event. */
  private static final class Enrich extends ContextualFixedKeyProcessor<String, JsonNode, JsonNode> {
    @Override
    public void process(FixedKeyRecord<String, JsonNode> record) {
      ObjectNode log = (ObjectNode) record.value();
      String level = log.get("level").textValue();
      int status = log.has("statusCode") ? log.get("statusCode").intValue() : 0;
      int durationMs = log.has("durationMs") ? log.get("durationMs").intValue() : 0;
      boolean isPersonal = log.has("userId") || log.has("sessionId");
      log.put("dataClass", isPersonal ? "confidential" : "internal");
      ArrayNode tags = log.putArray("tags");
      if (isError(log)) tags.add("error");
      if (durationMs >= 1000) tags.add("slow");
      if (status >= 400) tags.add(status >= 500 ? "server-error" : "client-error");
      int priority = PRIORITIES.get(level);
      if (status >= 500) priority += 5;
      if (durationMs >= 5000) priority += 5;
      if (log.has("environment") && log.get("environment").textValue().equals("production")) priority += 2;
      log.put("priority", Math.min(100, priority));
      context().forward(record.withValue((JsonNode) log).withTimestamp(log.get("timestamp").longValue()));
    }
  }
}
