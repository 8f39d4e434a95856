package io.storeit.ops.server;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.transfer.ArchiveConverter;
import io.storeit.interchange.transfer.ExportOptions;
import io.storeit.interchange.transfer.Exporter;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.process.Launch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the rows of an installation, without images, in a form that the target of a move can import. The newer side converts. This tool
 * converts for a server before 0.3.0, which cannot.
 */
public final class RowsForTarget {
    /** Names the source of the rows: the backup that the move began with, or the database of the stopped server. */
    public enum Data { BACKUP, STOPPED_DATABASE }

    /** Names the ways to write the rows. */
    enum Way {
        /** This tool converts the backup. */
        CONVERT_BACKUP,
        /** This tool exports the stopped database. */
        EXPORT_HERE,
        /** The source's server imports the backup into a scratch database and exports that. */
        REBUILD_AND_EXPORT_BY_SOURCE,
        /** The source's server exports the stopped database. */
        EXPORT_BY_SOURCE;

        /**
         * Chooses the way from this table:
         *
         * <pre>
         * source          backup, upwards   backup, downwards              stopped database
         * before 0.3.0    CONVERT_BACKUP    CONVERT_BACKUP                 EXPORT_HERE
         * since 0.3.0     CONVERT_BACKUP    REBUILD_AND_EXPORT_BY_SOURCE   EXPORT_BY_SOURCE
         * </pre>
         */
        static Way of(boolean sourceSince030, boolean downwards, Data data) {
            return switch (data) {
                case STOPPED_DATABASE -> sourceSince030 ? EXPORT_BY_SOURCE : EXPORT_HERE;
                case BACKUP -> sourceSince030 && downwards ? REBUILD_AND_EXPORT_BY_SOURCE : CONVERT_BACKUP;
            };
        }
    }

    private final ServerBinary source;
    private final Launch launch;
    private final Path database;
    private final Path imageFolder;
    private final String fromVersion;
    private final boolean sourceSince030;
    private final boolean downwards;
    /** The schema to convert to; 0 keeps the schema of the source. */
    private final int schema;
    /** The version of the target if it is before 0.3.0, or else null. */
    private final String forVersion;

    /**
     * Describes a move between two versions.
     *
     * @param source the binary in place before the switch
     * @param database the live database
     */
    public RowsForTarget(
            ServerBinary source, Launch launch, Path database, Path imageFolder, Version from, int fromSchema, Version to, int toSchema) {
        this.source = source;
        this.launch = launch;
        this.database = database;
        this.imageFolder = imageFolder;
        this.fromVersion = from.toString();
        this.sourceSince030 = from.since030();
        this.downwards = toSchema < fromSchema || from.since030() && !to.since030();
        this.schema = downwards && toSchema != fromSchema ? toSchema : 0;
        this.forVersion = to.since030() ? null : to.toString();
    }

    /**
     * Writes the file {@code rows}, replacing an old one, and changes its owner to the server's user.
     *
     * @param backup the archive that the move began with
     * @param work a directory of the server's user for temporary files
     */
    public void write(Data data, Path backup, Path rows, Path work) {
        FileTree.deleteQuietly(rows);
        try {
            switch (Way.of(sourceSince030, downwards, data)) {
                case CONVERT_BACKUP -> ArchiveConverter.convert(backup, rows, new ArchiveConverter.Options(schema, forVersion, false), Progress.NONE);
                case EXPORT_HERE -> {
                    var options = new ExportOptions(false, schema, forVersion, fromVersion, true);
                    Exporter.export(database, imageFolder, rows, options, Progress.NONE);
                }
                case REBUILD_AND_EXPORT_BY_SOURCE -> exportBySource(rebuilt(backup, work), rows);
                case EXPORT_BY_SOURCE -> exportBySource(database, rows);
            }
            launch.chown(rows);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    private Path rebuilt(Path backup, Path work) throws IOException {
        Path rebuilt = work.resolve("source.db");
        Path withoutImages = work.resolve("source.storeit");
        ArchiveConverter.convert(backup, withoutImages, new ArchiveConverter.Options(0, null, false), Progress.NONE);
        launch.chown(withoutImages);
        source.importInto(rebuilt, withoutImages, imageFolder, true);
        return rebuilt;
    }

    private void exportBySource(Path exported, Path rows) {
        var arguments = new ArrayList<>(List.of("export", "-o", rows.toString(), "--without-images"));
        if (schema != 0) arguments.addAll(List.of("--to-schema", String.valueOf(schema)));
        if (forVersion != null) arguments.addAll(List.of("--for-version", forVersion));
        source.run(exported, imageFolder, arguments);
    }
}
