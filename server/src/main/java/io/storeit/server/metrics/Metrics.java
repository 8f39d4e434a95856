package io.storeit.server.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.server.http.RequestLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/** The server's figures in the format that Prometheus collects. */
public final class Metrics implements RequestLog.Figures {
    static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";
    /**
     * The methods that are counted by name. All others are counted as one, because clients could otherwise create any number of
     * figures.
     */
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");
    /** Upper bounds in seconds, from a cache hit to the upload of an archive. */
    private static final double[] LATENCIES = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60};

    private final Sizes sizes;
    private volatile Meters meters;

    public Metrics(Sizes sizes) {
        this.sizes = sizes;
    }

    /** Creates the meters after the first request, so that loading the library does not delay the start. */
    private Meters meters() {
        Meters made = meters;
        if (made == null) {
            synchronized (this) {
                made = meters == null ? new Meters(sizes) : meters;
                meters = made;
            }
        }
        return made;
    }

    @Override
    public void answered(String method, String route, int status, long nanos) {
        String known = METHODS.contains(method) ? method : "other";
        meters().requests.labelValues(known, route, Integer.toString(status)).inc();
        meters().latencies.labelValues(known, route).observe(nanos / (double) TimeUnit.SECONDS.toNanos(1));
    }

    /** Counts a job that has ended. */
    public void ended(String type, String outcome) {
        meters().jobs.labelValues(type, outcome).inc();
    }

    byte[] text() {
        var text = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(text, meters().registry.scrape());
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail", e);
        }
        return text.toByteArray();
    }

    /** The meters, with the registry they belong to. */
    private static final class Meters {
        private final PrometheusRegistry registry = new PrometheusRegistry();
        private final Counter requests = Counter.builder()
                .name("storeit_http_requests_total")
                .help("Requests answered.")
                .labelNames("method", "route", "status")
                .withoutExemplars()
                .register(registry);
        private final Histogram latencies = Histogram.builder()
                .name("storeit_http_request_duration_seconds")
                .help("Time from the arrival of a request to the end of its answer.")
                .unit(Unit.SECONDS)
                .labelNames("method", "route")
                .classicOnly()
                .classicUpperBounds(LATENCIES)
                .withoutExemplars()
                .register(registry);
        private final Counter jobs = Counter.builder()
                .name("storeit_jobs_total")
                .help("Jobs that have ended: backups, restores and the like.")
                .labelNames("type", "outcome")
                .withoutExemplars()
                .register(registry);

        private Meters(Sizes sizes) {
            Info.builder().name("storeit_info").help("The version of this build.").labelNames("version").register(registry)
                    .addLabelValues(StoreitVersion.APPLICATION);
            gauge("storeit_database_bytes", "Size of the database with its side files.", sizes::database);
            gauge("storeit_images_bytes", "Size of all image files, measured every few minutes.", sizes::images);
            gauge("storeit_memory_bytes", "Java heap in use.", Meters::heap);
        }

        private void gauge(String name, String help, DoubleSupplier figure) {
            GaugeWithCallback.builder().name(name).help(help).unit(Unit.BYTES)
                    .callback(gauge -> gauge.call(figure.getAsDouble()))
                    .register(registry);
        }

        private static double heap() {
            Runtime runtime = Runtime.getRuntime();
            return runtime.totalMemory() - runtime.freeMemory();
        }
    }
}
