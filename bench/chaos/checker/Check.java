import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Recomputes the results of the chaos topology from its input topics, and compares them with its output topics as a
 * reader with read_committed sees them. Shares no code with millrace: only the official client.
 *
 * Arguments: bootstrap servers. Prints one line per output topic: topic, expected, found, lost, doubled, wrong. Exit code
 * 1 where one of the last three is not 0.
 */
public class Check {
  static final long WINDOW_MS = 10_000;
  static final long DIFFERENCE_MS = 5_000;

  record Row(int partition, long offset, long timestamp, String key, byte[] value) {
    String text() {
      return value == null ? null : new String(value);
    }

    long number() {
      return java.nio.ByteBuffer.wrap(value).getLong();
    }
  }

  static String bootstrap;
  static boolean failed = false;

  public static void main(String[] args) {
    bootstrap = args[0];
    try {
      copies();
      counts();
      windows();
      joined();
      pairs();
    } catch (Throwable error) {
      error.printStackTrace();
      System.exit(2);
    }
    System.exit(failed ? 1 : 0);
  }

  /** Every committed record of a topic, in the order of each partition. */
  static List<Row> read(String topic) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("isolation.level", "read_committed");
    properties.put("key.deserializer", ByteArrayDeserializer.class);
    properties.put("value.deserializer", ByteArrayDeserializer.class);
    properties.put("enable.auto.commit", "false");
    List<Row> rows = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
      List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
          .map(info -> new TopicPartition(topic, info.partition()))
          .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long deadline = System.currentTimeMillis() + 300_000;
      while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
        if (System.currentTimeMillis() > deadline) throw new IllegalStateException(topic + " was not read in 5 minutes");
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
          String key = each.key() == null ? null : new String(each.key());
          rows.add(new Row(each.partition(), each.offset(), each.timestamp(), key, each.value()));
        }
      }
    }
    return rows;
  }

  static void report(String topic, long expected, long found, long lost, long doubled, long wrong) {
    System.out.println(topic + " " + expected + " " + found + " " + lost + " " + doubled + " " + wrong);
    if (lost + doubled + wrong > 0) failed = true;
  }

  /** Each line is copied once. */
  static void copies() {
    Map<String, Long> expected = new HashMap<>();
    for (Row row : read("lines")) expected.merge(row.key() + "=" + row.text(), 1L, Long::sum);
    List<Row> rows = read("copies");
    tellDoubled("copies", expected, rows);
    compareSets("copies", expected, keyed(rows));
  }

  /** Where records are that come more than once, for a person. */
  static void tellDoubled(String topic, Map<String, Long> expected, List<Row> rows) {
    Map<String, List<String>> places = new TreeMap<>();
    for (Row row : rows)
      places.computeIfAbsent(row.key() + "=" + row.text(), key -> new ArrayList<>()).add(row.partition() + "@" + row.offset());
    places.entrySet().stream()
        .filter(each -> each.getValue().size() > expected.getOrDefault(each.getKey(), 0L))
        .limit(20)
        .forEach(each -> System.err.println("doubled in " + topic + ": " + each.getKey() + " at " + each.getValue()));
    Set<String> found = places.keySet();
    expected.keySet().stream()
        .filter(each -> !found.contains(each))
        .limit(20)
        .forEach(each -> System.err.println("lost in " + topic + ": " + each));
  }

  static Map<String, Long> keyed(List<Row> rows) {
    Map<String, Long> counts = new HashMap<>();
    for (Row row : rows) counts.merge(row.key() + "=" + row.text(), 1L, Long::sum);
    return counts;
  }

  static void compareSets(String topic, Map<String, Long> expected, Map<String, Long> found) {
    long lost = 0;
    long doubled = 0;
    long wrong = 0;
    for (Map.Entry<String, Long> each : expected.entrySet()) {
      long difference = found.getOrDefault(each.getKey(), 0L) - each.getValue();
      if (difference < 0) lost -= difference;
      else doubled += difference;
    }
    for (Map.Entry<String, Long> each : found.entrySet())
      if (!expected.containsKey(each.getKey())) wrong += each.getValue();
    report(topic, sum(expected), sum(found), lost, doubled, wrong);
  }

  static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  static void counts() {
    Map<String, Long> expected = new HashMap<>();
    for (Row row : read("lines"))
      for (String word : row.text().split(" ")) expected.merge(word, 1L, Long::sum);
    compareCounts("counts", expected, read("counts"));
  }

  static void windows() {
    Map<String, Long> expected = new HashMap<>();
    for (Row row : read("events"))
      expected.merge(row.key() + "@" + (row.timestamp() - row.timestamp() % WINDOW_MS), 1L, Long::sum);
    compareCounts("windows", expected, read("windows"));
  }

  /** Counts of a key only rise: a count that comes again was made twice, and the last one is that of the inputs. */
  static void compareCounts(String topic, Map<String, Long> expected, List<Row> rows) {
    Map<String, Long> last = new HashMap<>();
    long doubled = 0;
    long wrong = 0;
    for (Row row : rows) {
      Long before = last.put(row.key(), row.number());
      if (before == null) continue;
      if (before == row.number()) doubled++;
      else if (before > row.number()) wrong++;
    }
    long lost = 0;
    for (Map.Entry<String, Long> each : expected.entrySet()) {
      long difference = last.getOrDefault(each.getKey(), 0L) - each.getValue();
      if (difference < 0) lost -= difference;
      else doubled += difference;
    }
    for (String key : last.keySet()) if (!expected.containsKey(key)) wrong++;
    report(topic, sum(expected), sum(last), lost, doubled, wrong);
  }

  /** The last row of a key is made of the last rows of both tables. */
  static void joined() {
    Map<String, String> users = lastOf(read("users"));
    Map<String, String> profiles = lastOf(read("profiles"));
    Map<String, String> found = lastOf(read("joined"));
    Map<String, String> expected = new TreeMap<>();
    users.forEach((key, user) -> {
      if (profiles.containsKey(key)) expected.put(key, user + "+" + profiles.get(key));
    });
    long lost = 0;
    long wrong = 0;
    for (Map.Entry<String, String> each : expected.entrySet()) {
      String value = found.get(each.getKey());
      if (value == null) lost++;
      else if (!value.equals(each.getValue())) wrong++;
    }
    for (String key : found.keySet()) if (!expected.containsKey(key)) wrong++;
    report("joined", expected.size(), found.size(), lost, 0, wrong);
  }

  static Map<String, String> lastOf(List<Row> rows) {
    Map<String, String> last = new HashMap<>();
    for (Row row : rows) last.put(row.key(), row.text());
    return last;
  }

  /** Each pair within the window comes once. */
  static void pairs() {
    Map<String, List<Row>> rights = new HashMap<>();
    for (Row right : read("rights")) rights.computeIfAbsent(right.key(), key -> new ArrayList<>()).add(right);
    Map<String, Long> expected = new HashMap<>();
    for (Row left : read("lefts"))
      for (Row right : rights.getOrDefault(left.key(), List.of()))
        if (Math.abs(left.timestamp() - right.timestamp()) <= DIFFERENCE_MS)
          expected.merge(left.key() + "=" + left.text() + "|" + right.text(), 1L, Long::sum);
    List<Row> rows = read("pairs");
    tellDoubled("pairs", expected, rows);
    compareSets("pairs", expected, keyed(rows));
  }
}
