package io.storeit.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures StoreIT next to the tools a Unix machine has anyway, prints a table, and writes {@code target/bench/bench.json}. Started by
 * scripts/bench.sh, which builds what is measured.
 *
 * <p>Arguments: the checkout, then the measurements to make; without any, all. Ends with 1 if one could not be made or a write was lost;
 * a figure that was not reached is marked, but may be the machine's fault.
 */
final class Bench {

    private interface Measurement {
        List<Figure> make() throws Exception;
    }

    private Bench() {
    }

    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]).toRealPath();
        boolean quick = !System.getenv().getOrDefault("BENCH_QUICK", "").isEmpty();
        List<String> chosen = List.of(arguments).subList(1, arguments.length);
        int code = 1;
        try (var work = new Workplace(root)) {
            // On Ctrl-C too nothing may stay behind.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    work.close();
                } catch (IOException e) {
                    System.err.println(e);
                }
            }));
            code = new Bench().run(measurements(work, quick), chosen, root, quick) ? 0 : 1;
        } catch (BenchException e) {
            System.err.println(e.getMessage());
        }
        System.exit(code);
    }

    private static Map<String, Measurement> measurements(Workplace work, boolean quick) {
        var measurements = new Measurements(work, quick);
        Map<String, Measurement> byName = new LinkedHashMap<>();
        byName.put("items", measurements::items);
        byName.put("images", measurements::images);
        byName.put("away", measurements::away);
        byName.put("writes", measurements::writes);
        byName.put("ctl", measurements::ctl);
        byName.put("serve", measurements::serve);
        byName.put("http", measurements::http);
        return byName;
    }

    /** True if every measurement could be made. */
    private boolean run(Map<String, Measurement> measurements, List<String> chosen, Path root, boolean quick) throws IOException {
        for (String name : chosen) {
            if (!measurements.containsKey(name)) {
                throw new BenchException("there is no measurement '" + name + "'; there are: " + String.join(", ", measurements.keySet()));
            }
        }
        List<Figure> figures = new ArrayList<>();
        Map<String, String> failures = new LinkedHashMap<>();
        for (var measurement : measurements.entrySet()) {
            if (chosen.isEmpty() || chosen.contains(measurement.getKey())) {
                long start = System.nanoTime();
                System.err.print("Measuring " + measurement.getKey() + " ... ");
                try {
                    figures.addAll(measurement.getValue().make());
                    System.err.printf("%.0f s%n", (System.nanoTime() - start) / 1e9);
                } catch (Exception e) {
                    String reason = e instanceof BenchException ? e.getMessage() : e.toString();
                    System.err.println("FAILED: " + reason);
                    failures.put(measurement.getKey(), reason);
                }
            }
        }
        System.out.printf("%nJava %s, %d processors, %s %s%s%n%n", System.getProperty("java.version"), Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"), System.getProperty("os.version"), quick ? "; small data, so the figures mean little" : "");
        System.out.println(Figure.header());
        figures.forEach(figure -> System.out.println(figure.line()));
        failures.forEach((name, reason) -> System.out.println(name + ": FAILED, " + reason.lines().findFirst().orElse("")));
        System.out.println();
        System.out.println("Medians; MiB is the most memory any run had resident. All samples: target/bench/bench.json");
        if (List.of("sqlite3", "zstd", "tar", "wrk").stream().anyMatch(name -> Workplace.program(name).isEmpty())) {
            System.out.println("A yardstick is missing here. On Debian: apt-get install sqlite3 zstd tar wrk");
        }
        write(root.resolve("target/bench/bench.json"), figures, failures, quick);
        return failures.isEmpty() && figures.stream().noneMatch(Figure::failed);
    }

    private static void write(Path file, List<Figure> figures, Map<String, String> failures, boolean quick) throws IOException {
        var mapper = new ObjectMapper();
        ObjectNode json = mapper.createObjectNode();
        json.put("created_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        json.put("quick", quick);
        json.put("java", System.getProperty("java.version"));
        json.put("processors", Runtime.getRuntime().availableProcessors());
        json.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        figures.stream().map(Figure::json).forEach(json.putArray("figures")::add);
        failures.forEach(json.putObject("failures")::put);
        Files.writeString(file, mapper.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }
}
