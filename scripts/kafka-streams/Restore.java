import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * The rival of {@code bench/restore-process.ts}: restores its one store from the same changelog, then says in one line of
 * JSON what that took. Arguments are {@code name=value}: bootstrap, application, state (a folder), settings (default or
 * bulk).
 */
public final class Restore {
  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (String arg : args) options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    String application = options.get("application");
    Properties config = new Properties();
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.get("bootstrap"));
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    config.put(StreamsConfig.STATE_DIR_CONFIG, options.get("state"));
    config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    if (options.get("settings").equals("bulk")) useBulkSettings(config);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(application + "-in", Consumed.<String, String>as("in"))
        .groupByKey(Grouped.as("grouped"))
        .aggregate(() -> "", (key, value, before) -> value, Materialized.as("agg"));
    KafkaStreams streams = new KafkaStreams(builder.build(), config);
    Restored restored = new Restored();
    CountDownLatch running = new CountDownLatch(1);
    streams.setGlobalStateRestoreListener(restored);
    streams.setStateListener(
        (state, before) -> {
          if (state == KafkaStreams.State.RUNNING || state == KafkaStreams.State.ERROR) running.countDown();
        });
    long cpuBefore = cpuNanos();
    long started = System.nanoTime();
    streams.start();
    running.await();
    // It says that it runs before the first assignment too.
    while (restored.open.get() != 0 || restored.records.get() == 0) Thread.sleep(5);
    long runningMs = (System.nanoTime() - started) / 1_000_000;
    double cpuSeconds = (cpuNanos() - cpuBefore) / 1e9;
    long closing = System.nanoTime();
    streams.close(new KafkaStreams.CloseOptions().leaveGroup(true).timeout(Duration.ofMinutes(2)));
    System.out.println(
        "{\"records\":" + restored.records
            + ",\"runningMs\":" + runningMs
            + ",\"restoreMs\":" + (restored.endNanos.get() - restored.startNanos.get()) / 1_000_000
            + ",\"cpuSeconds\":" + cpuSeconds
            + ",\"closeMs\":" + (System.nanoTime() - closing) / 1_000_000
            + ",\"blockedMsMax\":0}");
    System.exit(0);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  /** What a user would change for a quick restore: large fetches and polls, large write buffers, late compaction. */
  private static void useBulkSettings(Properties config) {
    config.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 20_000);
    config.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 16 << 20);
    config.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), 4 << 20);
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BulkLoad.class);
  }

  /** Write buffers of 64 MB, four of them, and no wait for compaction. */
  public static final class BulkLoad implements RocksDBConfigSetter {
    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
      options.setWriteBufferSize(64L << 20);
      options.setMaxWriteBufferNumber(4);
      options.setMinWriteBufferNumberToMerge(1);
      options.setLevel0FileNumCompactionTrigger(1 << 10);
      options.setLevel0SlowdownWritesTrigger(1 << 20);
      options.setLevel0StopWritesTrigger(1 << 20);
      options.setMaxBackgroundJobs(4);
    }

    @Override
    public void close(String store, Options options) {}
  }

  private static final class Restored implements StateRestoreListener {
    final AtomicLong records = new AtomicLong();
    final AtomicLong open = new AtomicLong();
    final AtomicLong startNanos = new AtomicLong(Long.MAX_VALUE);
    final AtomicLong endNanos = new AtomicLong();

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
      open.incrementAndGet();
      startNanos.accumulateAndGet(System.nanoTime(), Math::min);
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long count) {}

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long total) {
      endNanos.accumulateAndGet(System.nanoTime(), Math::max);
      records.addAndGet(total);
      open.decrementAndGet();
    }
  }
}
