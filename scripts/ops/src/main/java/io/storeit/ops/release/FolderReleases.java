package io.storeit.ops.release;

import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds the releases in a folder, as {@code <folder>/v0.3.0/<assets>}, or the one release whose files are in it. The latest is the highest
 * version that is not a pre-release.
 */
record FolderReleases(Path folder) implements Releases {
    @Override
    public Release resolve(String wanted) {
        String version = Release.requested(wanted);
        if (Files.exists(folder.resolve("SHA256SUMS"))) return onlyOne(wanted, version);
        try (Stream<Path> entries = Files.list(folder)) {
            List<String> tags = tags(entries);
            List<String> full = tags.stream().filter(name -> Version.parse(name).preRelease().isEmpty()).toList();
            String tag = wanted.equals("latest") ? (full.isEmpty() ? null : full.get(full.size() - 1)) : "v" + version;
            if (tag == null || !tags.contains(tag)) {
                throw new OpsException(Exit.FAILED, "There is no release " + (tag == null ? "" : version + " ") + "in " + folder,
                        tags.isEmpty() ? "Check --releases." : "Available releases: " + String.join(", ", tags));
            }
            return new Release(tag.substring(1), assets(folder.resolve(tag)), this);
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot read the releases in " + folder + ": " + Reasons.withFile(failure),
                    "Check --releases.", failure);
        }
    }

    @Override
    public List<Release> all() {
        if (Files.exists(folder.resolve("SHA256SUMS"))) return List.of(onlyOne("latest", "latest"));
        try (Stream<Path> entries = Files.list(folder)) {
            var found = new ArrayList<Release>();
            for (String tag : tags(entries)) found.add(0, new Release(tag.substring(1), assets(folder.resolve(tag)), this));
            return found;
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot read the releases in " + folder + ": " + Reasons.withFile(failure),
                    "Check --releases.", failure);
        }
    }

    private static List<String> tags(Stream<Path> entries) {
        return entries.filter(Files::isDirectory).map(path -> path.getFileName().toString()).filter(name -> name.startsWith("v") && Version.isVersion(name))
                .sorted(Comparator.comparing(Version::parse)).toList();
    }

    /** Reads a folder with the files of one release. Its list of checksums names the version. */
    private Release onlyOne(String wanted, String version) {
        try (Stream<String> lines = Files.lines(folder.resolve("SHA256SUMS"))) {
            String found = lines.findFirst().orElse("").strip().replaceFirst("^# StoreIT ", "");
            if (!Version.isVersion(found) || !wanted.equals("latest") && !found.equals(version)) {
                throw new OpsException(Exit.FAILED, "There is no release " + wanted + " in " + folder,
                        "The folder has " + (Version.isVersion(found) ? "version " + found : "no release of StoreIT") + ".");
            }
            return new Release(found, assets(folder), this);
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot read the release in " + folder + ": " + Reasons.withFile(failure),
                    "Check --releases.", failure);
        }
    }

    private static Map<String, Release.Asset> assets(Path tag) throws IOException {
        var assets = new TreeMap<String, Release.Asset>();
        try (Stream<Path> files = Files.list(tag)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                assets.put(name, new Release.Asset(name, file.toString(), Files.size(file), null));
            }
        }
        return assets;
    }

    @Override
    public Body open(String location, long size) throws IOException {
        return new Body(Files.newInputStream(Path.of(location)), -1);
    }
}
