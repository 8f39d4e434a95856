package io.storeit.server.settings;

import io.storeit.interchange.digest.ContentDigest;
import io.storeit.server.db.Database;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.photo.ImageFolder;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** Answers the administrators' requests for {@code /api/v1/admin/settings}, which contain the image folder. */
public final class SettingsRoutes {
    private final Database database;
    private final ImageFolder images;
    private final BooleanSupplier jobs;

    /** @param jobs whether a job is running that reads or writes images */
    public SettingsRoutes(Database database, ImageFolder images, BooleanSupplier jobs) {
        this.jobs = jobs;
        this.database = database;
        this.images = images;
    }

    /** @param imageStoragePathReadonly whether the environment names the folder */
    private record Settings(String imageStoragePath, boolean imageStoragePathReadonly) {}

    public Response get(Request request) {
        return Response.ok(new Settings(images.path().toString(), images.fixed()));
    }

    /** Changes the folder where images are read and written. Files in the previous folder are not moved. */
    public Response update(Request request) throws IOException {
        String text = request.json().text("image_storage_path").strip();
        images.requireChangeable(text);
        if (text.isEmpty()) {
            throw Problem.validation("image_storage_path cannot be empty");
        }
        Path path = ImageFolder.parse(text);
        if (jobs.getAsBoolean()) {
            throw Problem.unavailable("a job is using the image folder, try again when it is done");
        }
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw Problem.validation("image_storage_path cannot be used: " + e.getMessage());
        }
        if (!Files.isWritable(path)) {
            throw Problem.validation("image_storage_path cannot be used: the server cannot write to " + path);
        }
        database.inTransaction(sql -> sql.update("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)",
                ContentDigest.IMAGE_FOLDER_SETTING, path.toString()));
        images.change(path);
        return get(request);
    }
}
