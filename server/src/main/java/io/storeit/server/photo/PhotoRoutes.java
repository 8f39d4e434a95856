package io.storeit.server.photo;

import io.storeit.interchange.base.Uuids;
import io.storeit.interchange.images.ImageStore;
import io.storeit.server.entity.EntityType;
import io.storeit.server.http.Multipart;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Answers the requests about photos. */
public final class PhotoRoutes {
    private static final Set<Integer> TURNS = Set.of(90, 180, 270);

    private final PhotoRepository photos;
    private final PhotoVariants variants;
    private final ImageFolder images;

    public PhotoRoutes(PhotoRepository photos, PhotoVariants variants, ImageFolder images) {
        this.photos = photos;
        this.variants = variants;
        this.images = images;
    }

    public Response upload(Request request) throws IOException {
        try (NewImage image = NewImage.in(new ImageStore(images.path()))) {
            Multipart form = Multipart.receive(request, Request.BODY_LIMIT, image.file(), Set.of("entity_type", "entity_id"));
            EntityType type = EntityType.of(form.text("entity_type"));
            String entity = Uuids.normalise(form.text("entity_id"));
            if (entity == null) {
                throw Problem.validation("invalid entity_id");
            }
            form.requireFile();
            ImageType kind = image.complete().orElseThrow(() -> Problem.validation(
                    "the file is not an image of a known kind (JPEG, PNG, GIF, WebP, HEIC, AVIF, BMP, TIFF)"));
            return Response.created(photos.insert(request.caller().group(), type, entity, kind, image));
        }
    }

    public Response listByEntity(Request request) {
        EntityType type = EntityType.of(request.requiredQuery("entity_type"));
        return Response.ok(photos.listOf(request.caller().group(), type, request.queryId("entity_id")));
    }

    public Response get(Request request) {
        return Response.ok(photos.get(request.caller().group(), request.id("id")));
    }

    public Response delete(Request request) {
        photos.delete(request.caller().group(), request.id("id"));
        return Response.noContent();
    }

    public Response rotate(Request request) throws IOException {
        String id = request.id("id");
        int degrees = request.json().integer("degrees");
        if (!TURNS.contains(degrees)) {
            throw Problem.validation("degrees must be 90, 180 or 270, not " + degrees);
        }
        return Response.ok(photos.rotate(request.caller().group(), id, degrees));
    }

    /** Makes a photo the primary one. This is an addition to the contract, which has no way to choose it. */
    public Response makePrimary(Request request) {
        return Response.ok(photos.makePrimary(request.caller().group(), request.id("id")));
    }

    public Response file(Request request) throws IOException {
        return image(request, variants.original(keys(request)));
    }

    public Response large(Request request) throws IOException {
        return image(request, variants.file(keys(request), Variant.LARGE));
    }

    public Response thumbnail(Request request) throws IOException {
        return image(request, variants.file(keys(request), Variant.THUMBNAIL));
    }

    private ImageKeys keys(Request request) {
        return photos.imageKeys(request.caller().group(), request.id("id"));
    }

    /**
     * Answers the bytes with the type that they have themselves. A browser keeps them and need not ask again, because an image
     * file never changes; shared caches may not keep them. If a browser takes it for a page after all, nothing in it runs.
     */
    private static Response image(Request request, Optional<Path> file) throws IOException {
        Path path = file.orElseThrow(() -> Problem.of(Problem.Kind.NOT_FOUND, "the image file of photo " + request.id("id") + " is missing"));
        String tag = "\"" + path.getFileName() + "\"";
        Response response = request.alreadyHas(tag)
                ? Response.notModified()
                : Response.file(path, ImageType.of(path).map(ImageType::mimeType).orElse(ImageType.UNKNOWN_MIME_TYPE));
        return response
                .with("ETag", tag)
                .with("Cache-Control", "private, max-age=31536000, immutable")
                .with("X-Content-Type-Options", "nosniff")
                .with("Content-Security-Policy", "default-src 'none'; sandbox");
    }
}
