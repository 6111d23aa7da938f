import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * What one window counted, as in {@code topologies/rate-counts.ts}: logs by level and by component, and durations in
 * eight buckets for each doubling.
 */
final class FleetRates {
  static final Serde<FleetRates> SERDE =
      Serdes.serdeFrom((topic, rates) -> rates.toBytes(), (topic, bytes) -> bytes == null ? null : of(bytes));

  private static final List<String> LEVELS = List.of("debug", "info", "warn", "error", "critical");
  private static final int PER_DOUBLE = 8;
  private static final int LAST_BUCKET = PER_DOUBLE * 18;
  private static final int COMPONENTS_MAX = 20;
  private static final double SLACK = 1e-9;

  private final int[] levels = new int[LEVELS.size()];
  private final TreeMap<Integer, Integer> durations = new TreeMap<>();
  private final TreeMap<String, Integer> components = new TreeMap<>();

  FleetRates counted(JsonNode log) {
    levels[LEVELS.indexOf(log.get("level").textValue())]++;
    JsonNode component = log.get("component");
    if (component != null) {
      String name = component.textValue();
      boolean isKept = components.containsKey(name) || components.size() < COMPONENTS_MAX;
      components.merge(isKept ? name : "other", 1, Integer::sum);
    }
    JsonNode duration = log.get("durationMs");
    if (duration != null && duration.doubleValue() >= 0) {
      durations.merge(bucketOf(duration.doubleValue()), 1, Integer::sum);
    }
    return this;
  }

  JsonNode report(String service, long startMs) {
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("key", service).put("startMs", startMs).put("endMs", startMs + 60_000);
    int total = 0;
    for (int count : levels) total += count;
    report.put("total", total).put("errors", levels[3] + levels[4]);
    putNumber(report, "durationP95Ms", quantile(0.95));
    ObjectNode byLevel = report.put("worker", "application").putObject("levels");
    for (int level = 0; level < levels.length; level++) {
      if (levels[level] > 0) byLevel.put(LEVELS.get(level), levels[level]);
    }
    ObjectNode byComponent = report.putObject("components");
    components.forEach(byComponent::put);
    ArrayNode buckets = report.putArray("durations");
    durations.forEach((bucket, count) -> addNumber(buckets.addArray(), upperMs(bucket)).add(count));
    return report;
  }

  private double quantile(double share) {
    double target = 0;
    for (int count : durations.values()) target += count;
    target *= share;
    long seen = 0;
    for (Map.Entry<Integer, Integer> bucket : durations.entrySet()) {
      seen += bucket.getValue();
      if (seen >= target) return upperMs(bucket.getKey());
    }
    return 0;
  }

  private static int bucketOf(double durationMs) {
    if (durationMs <= 1) return 0;
    double exact = Math.log(durationMs) / Math.log(2) * PER_DOUBLE;
    return Math.min(LAST_BUCKET, (int) Math.ceil(exact - SLACK));
  }

  private static double upperMs(int bucket) {
    double exact = Math.pow(2, (double) bucket / PER_DOUBLE);
    return exact >= 100 ? Math.round(exact) : Math.round(exact * 100) / 100.0;
  }

  /** Whole numbers are written without a point, as in JSON of JavaScript. */
  private static void putNumber(ObjectNode object, String name, double value) {
    if (value == Math.rint(value)) object.put(name, (long) value);
    else object.put(name, value);
  }

  private static ArrayNode addNumber(ArrayNode array, double value) {
    return value == Math.rint(value) ? array.add((long) value) : array.add(value);
  }

  private byte[] toBytes() {
    int size = 4 * levels.length + 1 + 5 * durations.size() + 1;
    for (String name : components.keySet()) size += 6 + name.getBytes(StandardCharsets.UTF_8).length;
    ByteBuffer bytes = ByteBuffer.allocate(size);
    for (int count : levels) bytes.putInt(count);
    bytes.put((byte) durations.size());
    durations.forEach((bucket, count) -> bytes.put((byte) (int) bucket).putInt(count));
    bytes.put((byte) components.size());
    components.forEach(
        (name, count) -> {
          byte[] text = name.getBytes(StandardCharsets.UTF_8);
          bytes.putShort((short) text.length).put(text).putInt(count);
        });
    return bytes.array();
  }

  private static FleetRates of(byte[] array) {
    ByteBuffer bytes = ByteBuffer.wrap(array);
    FleetRates rates = new FleetRates();
    for (int level = 0; level < rates.levels.length; level++) rates.levels[level] = bytes.getInt();
    for (int left = bytes.get() & 0xff; left > 0; left--) rates.durations.put(bytes.get() & 0xff, bytes.getInt());
    for (int left = bytes.get() & 0xff; left > 0; left--) {
      byte[] text = new byte[bytes.getShort()];
      bytes.get(text);
      rates.components.put(new String(text, StandardCharsets.UTF_8), bytes.getInt());
    }
    return rates;
  }
}
