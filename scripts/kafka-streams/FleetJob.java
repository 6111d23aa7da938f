import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

  private static void rates(KStream<String, JsonNode> logs, String output) {
    logs.groupByKey(Grouped.with(Serdes.String(), Jobs.JSON))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofSeconds(30)))
        .aggregate(
            FleetRates::new,
            (service, log, rates) -> rates.counted(log),
            Materialized.with(Serdes.String(), FleetRates.SERDE))
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()))
        .toStream()
        .map(
            (window, rates) ->
                KeyValue.pair(window.key(), rates.report(window.key(), window.window().start())))
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
