import java.time.Duration;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;

/**
 * Drops records whose id was seen within a time before or after them: a processor over a window store of ids, as the
 * tutorials of Kafka Streams do it. Each id that comes is put, as the deduplicate operator of millrace does.
 */
final class SeenIds<V> implements FixedKeyProcessor<String, V, V> {
  private final String storeName;
  private final long ttlMs;
  private final Function<V, String> idOf;
  private FixedKeyProcessorContext<String, V> context;
  private WindowStore<String, byte[]> store;

  SeenIds(String storeName, Duration ttl, Function<V, String> idOf) {
    this.storeName = storeName;
    this.ttlMs = ttl.toMillis();
    this.idOf = idOf;
  }

  static StoreBuilder<WindowStore<String, byte[]>> store(String name, Duration ttl) {
    return Stores.windowStoreBuilder(
        Stores.persistentWindowStore(name, ttl.multipliedBy(2), ttl, false), Serdes.String(), Serdes.ByteArray());
  }

  @Override
  public void init(FixedKeyProcessorContext<String, V> context) {
    this.context = context;
    store = context.getStateStore(storeName);
  }

  @Override
  public void process(FixedKeyRecord<String, V> record) {
    Jobs.see();
    String id = idOf.apply(record.value());
    boolean isNew;
    try (WindowStoreIterator<byte[]> found =
        store.fetch(id, Math.max(0, record.timestamp() - ttlMs), record.timestamp() + ttlMs)) {
      isNew = !found.hasNext();
    }
    store.put(id, new byte[0], record.timestamp());
    if (isNew) context.forward(record);
  }
}
