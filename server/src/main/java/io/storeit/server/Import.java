package io.storeit.server;

import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.InterchangeException;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.interchange.sqlite.ServerPaths;
import io.storeit.interchange.transfer.ArchivedImageFolder;
import io.storeit.interchange.transfer.ImportOptions;
import io.storeit.interchange.transfer.ImportReport;
import io.storeit.interchange.transfer.Importer;
import io.storeit.server.db.FreshDatabase;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Runs the command {@code import}. It reads the whole archive into a new database beside the live one. Only when that is complete
 * and checked does it replace the live one. Until then, and after any failure, database and images are as they were, byte for
 * byte.
 */
final class Import {
    private static final Logger LOG = System.getLogger(Import.class.getName());

    private Import() {
    }

    /**
     * @param sameMachine the archive was made on this machine, so its image folder is correct here when there is no database to
     *                    take it from
     */
    @SuppressWarnings("try") // the lock is only held
    static void run(Path archive, boolean sameMachine, Config config) throws IOException {
        Path live = config.paths().database();
        // This is cheap, and a typo in the name should not need a lock or create a folder.
        Manifest manifest = ArchiveReader.readManifest(archive);
        refuseNewerArchive(manifest);
        DatabaseInspection.State state = DatabaseInspection.inspect(live);
        refuseUnlessReplaceable(state, live);
        Files.createDirectories(live.getParent());
        try (Locks.Held lock = Locks.tryDatabase(live).orElseThrow(() -> Databases.inUse(live))) {
            Optional<String> setting = ServerPaths.imageFolderSetting(live);
            Path images = config.imageFolder();
            if (sameMachine && state.kind() == DatabaseInspection.Kind.ABSENT) {
                setting = ArchivedImageFolder.in(archive);
                if (setting.isPresent() && !config.imageFolderFixed()) {
                    images = Path.of(setting.get()).toAbsolutePath().normalize();
                }
            }
            Path kept = DatabaseFiles.preImport(live);
            replace(archive, live, images, setting, state, kept,
                    () -> LOG.log(Level.INFO, "backing up existing database to " + kept));
            LOG.log(Level.INFO, "import completed successfully");
            if (Files.exists(kept) && state.kind() != DatabaseInspection.Kind.ABSENT) {
                LOG.log(Level.INFO, "previous database saved at " + kept
                        + ". Delete it after verifying the import, or restore it to rollback.");
            }
        } catch (InterchangeException | Problem | IOException e) {
            LOG.log(Level.ERROR, "import failed: " + e.getMessage());
            throw e;
        }
    }

    /**
     * Builds a database from the archive and replaces the live one by it. The caller holds the database lock.
     *
     * @param imageSetting   the image folder as the new database's setting; it belongs to the machine, so the archive's own is
     *                       never used
     * @param state          what the live database is; a damaged one cannot be made self-contained first and is kept as it is
     * @param kept           the name under which the replaced database is kept
     * @param announceSwitch called when the new database is complete and there is an old one to keep
     */
    static void replace(
            Path archive,
            Path live,
            Path images,
            Optional<String> imageSetting,
            DatabaseInspection.State state,
            Path kept,
            Runnable announceSwitch)
            throws IOException {
        Path importing = DatabaseFiles.importing(live);
        // An import that was killed left this file. No other import can be running, because this one has the lock.
        Files.deleteIfExists(importing);
        ImportReport report = Importer.build(archive, importing, images, new FreshDatabase(),
                new ImportOptions(true, imageSetting.orElse(null), true), new LogProgress());
        try {
            report.warnings().forEach(warning -> LOG.log(Level.WARNING, "import: " + warning));
            report.images().link();
            if (state.kind() != DatabaseInspection.Kind.ABSENT) {
                announceSwitch.run();
                if (state.kind() != DatabaseInspection.Kind.DAMAGED) {
                    DatabaseSwitch.makeSelfContained(live);
                }
            }
            DatabaseSwitch.replace(live, importing, kept);
        } catch (RuntimeException e) {
            report.images().discard();
            Files.deleteIfExists(importing);
            throw e;
        }
        report.images().finish();
    }

    private static void refuseNewerArchive(Manifest manifest) {
        if (manifest.schemaVersion() > SchemaTransforms.newest()) {
            int newest = SchemaTransforms.newest();
            throw new ArchiveException(
                    "the archive has schema version " + manifest.schemaVersion() + ", this version of StoreIT knows schemas up to " + newest,
                    "Import it with a newer version, or export it there with --to-schema " + newest + ".");
        }
    }

    /**
     * Accepts nearly everything, because the replaced file is kept. A file that cannot be read or is not StoreIT's may be the
     * wrong one.
     */
    private static void refuseUnlessReplaceable(DatabaseInspection.State state, Path live) {
        switch (state.kind()) {
            case ABSENT, EMPTY, STOREIT, OLDER_DEVELOPMENT, NEWER, INCONSISTENT, DAMAGED -> {}
            case FOREIGN, UNREADABLE -> throw Databases.unusable(state, live);
        }
    }
}
