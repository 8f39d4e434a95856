package io.storeit.bench;

import io.storeit.bench.Inventory.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The measurements. Each makes its data, runs StoreIT and the yardstick in turn, round after round, so that a disturbance of the machine
 * meets both, and gives one or more lines of the table.
 */
final class Measurements {

    private static final long SEED = 20260301;
    private static final String COUNT = "%,d";

    private final Workplace work;
    private final boolean quick;

    /** @param quick small data and two rounds: whether everything runs, not how fast it is */
    Measurements(Workplace work, boolean quick) {
        this.work = work;
        this.quick = quick;
    }

    /** Import of items with their search index, beside the SQLite shell, at two sizes. */
    List<Figure> items() throws Exception {
        var usual = new Inventory(SEED, quick ? 20_000 : 200_000);
        var large = new Inventory(SEED, usual.items() * 5);
        Path data = work.newFolder("items");
        Path usualArchive = data.resolve("usual.storeit");
        Path largeArchive = data.resolve("large.storeit");
        usual.writeArchive(usualArchive, List.of(), data);
        large.writeArchive(largeArchive, List.of(), data);
        usual.writeCsv(data);
        Path script = sqliteScript(data);
        Optional<String> sqlite = Workplace.program("sqlite3");
        work.warm(work.server());

        List<Run> usualRuns = new ArrayList<>();
        List<Run> largeRuns = new ArrayList<>();
        List<Double> yardstick = new ArrayList<>();
        for (int round = 0; round < rounds(5); round++) {
            usualRuns.add(importArchive(usualArchive));
            if (sqlite.isPresent()) {
                Path database = data.resolve("yardstick.db");
                yardstick.add(Run.of(work.log(), work.command(sqlite.get(), "-bail", database.toString()).directory(data.toFile())
                        .redirectInput(script.toFile())).seconds());
                Files.delete(database);
            }
            if (round % 2 == 0) {
                largeRuns.add(importArchive(largeArchive));
            }
        }
        Workplace.delete(data);
        return List.of(
                figure("import of " + COUNT.formatted(usual.items()) + " items", usualRuns).beside("sqlite3 .import", yardstick).atMostTimes(1.3),
                figure("import of " + COUNT.formatted(large.items()) + " items", largeRuns)
                        .beside(COUNT.formatted(usual.items()) + " items", seconds(usualRuns)).atMostTimes(6).atMostMemory(256));
    }

    /** Export and import of an archive that is nearly all images, beside tar and zstd. */
    List<Figure> images() throws Exception {
        Path data = work.newFolder("images");
        Path archive = data.resolve("images.storeit");
        Path folder = Files.createDirectory(data.resolve("originals"));
        List<Image> images = Inventory.writeImages(folder, SEED, quick ? 200 : 2_000, 200 * 1024);
        new Inventory(SEED, images.size()).writeArchive(archive, images, data);
        String size = images.size() / 5 * 1024 / 1000 + " MB";
        boolean tools = Workplace.program("tar").isPresent() && Workplace.program("zstd").isPresent();
        work.warm(work.server());

        List<Run> exports = new ArrayList<>();
        List<Run> imports = new ArrayList<>();
        List<Double> packing = new ArrayList<>();
        List<Double> unpacking = new ArrayList<>();
        for (int round = 0; round < rounds(5); round++) {
            var target = Installation.create(work);
            imports.add(Run.of(work.log(), target.server(Map.of(), "import", archive.toString())));
            if (tools) {
                Path unpacked = Files.createDirectory(target.folder().resolve("unpacked"));
                unpacking.add(Run.of(work.log(), work.command("zstd", "-q", "-dc", archive.toString()),
                        work.command("tar", "xf", "-", "-C", unpacked.toString())).seconds());
                Workplace.delete(unpacked);
            }
            exports.add(Run.of(work.log(), target.server(Map.of(), "export", "-o", target.folder().resolve("export.storeit").toString())));
            if (tools) {
                packing.add(Run.of(work.log(), work.command("tar", "cf", "-", "-C", target.images().toString(), "."),
                        work.command("zstd", "-q", "-3", "-o", target.folder().resolve("yardstick.tar.zst").toString())).seconds());
            }
            target.delete();
        }
        Workplace.delete(data);
        return List.of(
                figure("export of " + size + " of images", exports).beside("tar | zstd -3", packing).atMostTimes(2).atMostMemory(192),
                figure("import of " + size + " of images", imports).beside("zstd -dc | tar x", unpacking).atMostTimes(4).atMostMemory(192));
    }

    /** How long nobody answers while storeit-ctl upgrades, at two sizes. */
    List<Figure> away() throws Exception {
        List<Figure> figures = new ArrayList<>();
        for (int items : new int[] {10_000, quick ? 20_000 : 200_000}) {
            Path database = databaseWith(items);
            List<Double> reads = new ArrayList<>();
            List<Double> writes = new ArrayList<>();
            List<Double> upgrades = new ArrayList<>();
            List<Double> starts = new ArrayList<>();
            for (int round = 0; round < rounds(3); round++) {
                var installation = Installation.create(work, database);
                // A cache of its own in each round: what of it exists after the upgrade, the upgrade has made.
                Map<String, String> cache = Map.of("STOREIT_SERVER_CACHE", installation.folder().resolve("cache").toString());
                installation.start(cache);
                try (var watch = new ApiWatch(installation.http(), installation.http().health().orElseThrow().version())) {
                    upgrades.add(Run.of(work.log(), installation.ctl("upgrade", "--yes", "--allow-unsigned")).seconds());
                    var away = watch.away();
                    reads.add(away.reads());
                    writes.add(away.writes());
                }
                installation.stop();
                starts.add(installation.start(cache).seconds());
                installation.delete();
            }
            Files.delete(database);
            figures.add(new Figure("API away, " + COUNT.formatted(items) + " items", reads).beside("start of the server", starts)
                    .atMostSeconds(1.5).note("whole_upgrade_s", new Figure.Samples(upgrades).median()));
            figures.add(new Figure("  until it takes writes", writes).beside("start of the server", starts).atMostSeconds(1.5));
        }
        return figures;
    }

    /** Acknowledged writes before, during and after an upgrade, looked for in the database afterwards. */
    List<Figure> writes() throws Exception {
        Path database = databaseWith(10_000);
        int acknowledged = 0;
        int lost = 0;
        int doubled = 0;
        for (int round = 0; round < rounds(3); round++) {
            var installation = Installation.create(work, database);
            installation.start(Map.of());
            var writers = new Writers(installation.http());
            try {
                writers.awaitMore(100);
                Run.of(work.log(), installation.ctl("upgrade", "--yes", "--allow-unsigned"));
                writers.awaitMore(100);
            } finally {
                writers.stop();
            }
            installation.stop();
            var outcome = writers.outcome(installation.database());
            acknowledged += outcome.acknowledged();
            lost += outcome.lost();
            doubled += outcome.doubled();
            installation.delete();
        }
        Files.delete(database);
        return List.of(
                new Figure("lost of " + COUNT.formatted(acknowledged) + " acknowledged writes", lost), new Figure("  doubled", doubled));
    }

    /** The short commands of storeit-ctl, beside a Python that does nothing. */
    List<Figure> ctl() throws Exception {
        Path database = databaseWith(quick ? 1_000 : 10_000);
        var installation = Installation.create(work, database);
        installation.start(Map.of());
        work.warm(work.ctl());
        Optional<String> python = Files.isExecutable(Path.of("/usr/bin/python3")) ? Optional.of("/usr/bin/python3") : Workplace.program("python3");
        List<Run> version = new ArrayList<>();
        List<Run> status = new ArrayList<>();
        List<Double> yardstick = new ArrayList<>();
        for (int round = 0; round < rounds(15) + 1; round++) {
            Run versionRun = Run.of(work.log(), installation.ctl("--version"));
            Run statusRun = Run.of(work.log(), installation.ctl("status"));
            Optional<Run> pythonRun = python.isEmpty() ? Optional.empty() : Optional.of(work.run(python.get(), "-c", "pass"));
            if (round > 0) {
                version.add(versionRun);
                status.add(statusRun);
                pythonRun.map(Run::seconds).ifPresent(yardstick::add);
            }
        }
        installation.delete();
        Files.delete(database);
        return List.of(
                figure("storeit-ctl --version", version).beside("python3 -c pass", yardstick).atMostSeconds(0.100),
                figure("storeit-ctl status", status).beside("python3 -c pass", yardstick).atMostSeconds(0.150));
    }

    /** From the start of the server's process to its first good answer. */
    List<Figure> serve() throws Exception {
        Path database = databaseWith(10_000);
        var installation = Installation.create(work, database);
        Map<String, String> without = Map.of("STOREIT_SERVER_CACHE", installation.folder().resolve("no-cache").toString());
        work.warm(installation.binary());
        List<Run> cached = new ArrayList<>();
        List<Run> uncached = new ArrayList<>();
        for (int round = 0; round < rounds(7) + 1; round++) {
            Run withCache = startAndStop(installation, Map.of());
            Run withoutCache = startAndStop(installation, without);
            if (round > 0) {
                cached.add(withCache);
                uncached.add(withoutCache);
            }
        }
        installation.delete();
        Files.delete(database);
        return List.of(
                figure("serve to its first answer", cached).atMostSeconds(0.350),
                figure("  without its start-up cache", uncached).atMostSeconds(0.650));
    }

    /**
     * Answers per second under wrk with 16 connections, each beside those of a handler on the same HTTP library that answers a constant
     * of the same size, and the server's memory before and after.
     */
    List<Figure> http() throws Exception {
        Path database = databaseWith(10_000);
        String rare = "998";
        String common = "red box";
        int rareHits = searchHits(database, "\"998\"*");
        int commonHits = searchHits(database, "\"red\" \"box\"*");
        var installation = Installation.create(work, database);
        work.warm(installation.binary());
        var started = installation.start(Map.of());
        long pid = started.process().pid();
        List<Figure> figures = new ArrayList<>();
        Thread.sleep(5_000);
        figures.add(Figure.memory("memory of an idle server", Run.resident(pid)).atMostMebibytes(90));
        try (var load = HttpLoad.against(work, installation.http(), quick ? 1 : 5)) {
            String container = installation.http().json("POST", "/api/v1/containers", load.cookie(), Map.of(
                    "parent_type", "location", "parent_id", load.first("/api/v1/locations"), "name", "forty")).get("id").asText();
            List<String> items = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                items.add(installation.http().json("POST", "/api/v1/items", load.cookie(), Map.of("parent_type", "container", "parent_id", container,
                        "name", "hammer " + i, "description", "small red hammer with a wooden handle", "category", "tools",
                        "keywords", List.of("tool", "steel"))).get("id").asText());
            }
            figures.add(load.get("one item", "/api/v1/items/" + items.get(0)).atLeastPerSecond(25_000));
            figures.add(load.get("list of a container (40 items)", "/api/v1/containers/" + container + "/items").atLeastPerSecond(5_000));
            figures.add(load.get("location tree (10 nodes)", "/api/v1/locations/tree").atLeastPerSecond(15_000));
            figures.add(load.get("search, rare prefix (" + rareHits + " hits)", "/api/v1/search?q=" + rare).atLeastPerSecond(10_000));
            figures.add(load.get("search, two words (" + commonHits + " hits)", "/api/v1/search?q=" + common.replace(" ", "%20"))
                    .atLeastPerSecond(4_000));
            figures.addAll(load.post("create an item, durable", "/api/v1/items", Map.of(
                    "parent_type", "container", "parent_id", load.first("/api/v1/containers"), "name", "hammer",
                    "description", "small red hammer with a wooden handle"), 3_000, 0.050));
            Thread.sleep(5_000);
            figures.add(Figure.memory("memory after the run", Run.resident(pid)).atMostMebibytes(200));
        }
        installation.delete();
        Files.delete(database);
        return figures;
    }

    private static int searchHits(Path database, String expression) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                var query = connection.prepareStatement("SELECT count(*) FROM search_index WHERE search_index MATCH ?")) {
            query.setString(1, expression);
            return query.executeQuery().getInt(1);
        }
    }

    private static Run startAndStop(Installation installation, Map<String, String> variables) throws IOException, InterruptedException {
        var started = installation.start(variables);
        var run = new Run(started.seconds(), Run.residentPeak(started.process().pid()));
        Workplace.stop(started.process().toHandle());
        return run;
    }

    private Run importArchive(Path archive) throws IOException, InterruptedException {
        var target = Installation.create(work);
        Run run = Run.of(work.log(), target.server(Map.of(), "import", archive.toString()));
        target.delete();
        return run;
    }

    /** A database as an import leaves it. */
    private Path databaseWith(int items) throws IOException, InterruptedException {
        Path data = work.newFolder("data");
        Path archive = data.resolve("archive.storeit");
        new Inventory(SEED, items).writeArchive(archive, List.of(), data);
        var target = Installation.create(work);
        Run.of(work.log(), target.server(Map.of(), "import", archive.toString()));
        Files.delete(archive);
        Path database = Files.move(target.database(), data.resolve("storeit.db"));
        target.delete();
        return database;
    }

    /** What the SQLite shell reads: the tables as StoreIT has them, then all rows and their search rows in one transaction. */
    private Path sqliteScript(Path data) throws IOException, SQLException {
        Path fixture = Files.copy(work.root().resolve("interchange/src/test/resources/fixtures/schema2-v0.2.1/storeit.db"), data.resolve("fixture.db"));
        List<String> script = new ArrayList<>();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + fixture); var statement = connection.createStatement()) {
            // The tables of the search index, which it makes itself, are the ones whose names go on after its own.
            var tables = statement.executeQuery(
                    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'search_index_*' AND name NOT GLOB 'sqlite_*' ORDER BY rowid");
            while (tables.next()) {
                script.add(tables.getString(1) + ";");
            }
        }
        Files.delete(fixture);
        // CSV has no null, so an item seems to have two parents.
        script.add("PRAGMA ignore_check_constraints = ON;");
        script.add("BEGIN;");
        for (String table : List.of("locations", "containers", "items")) {
            script.add(".import --csv " + table + ".csv " + table);
        }
        script.add(".import --csv search.csv search_index");
        script.add("COMMIT;");
        return Files.write(data.resolve("script.sql"), script);
    }

    private int rounds(int usually) {
        return quick ? Math.min(2, usually) : usually;
    }

    private static List<Double> seconds(List<Run> runs) {
        return runs.stream().map(Run::seconds).toList();
    }

    private static Figure figure(String what, List<Run> runs) {
        return new Figure(what, seconds(runs)).peak(runs.stream().mapToLong(Run::peakBytes).max().orElse(0));
    }
}
