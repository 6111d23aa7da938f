import static org.codelibs.opensearch.runner.OpenSearchRunner.newConfigs;

import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch node on the loopback interface; prints READY and runs until it is killed. */
public class Server {
  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((number, settings) -> {
      settings.put("http.port", System.getProperty("millrace.port"));
      settings.put("http.bind_host", "127.0.0.1");
      settings.put("node.roles", "cluster_manager,data,ingest");
      settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
      settings.put("thread_pool.write.queue_size", Integer.getInteger("millrace.writeQueue", 1000));
      String pressure = System.getProperty("millrace.indexingPressure");
      if (pressure != null) settings.put("indexing_pressure.memory.limit", pressure);
    }).build(newConfigs()
        .basePath(System.getProperty("millrace.folder"))
        .clusterName("millrace")
        .numOfNode(1)
        .disableESLogger());
    System.out.println("READY");
    Thread.currentThread().join();
  }
}
