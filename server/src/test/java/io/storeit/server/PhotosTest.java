package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests photos: upload, three sizes, rotation and deletion, all on one household. */
class PhotosTest {
    private static final String MIRAS_CONTAINER = "deeb7179-d64e-4343-af86-bb28d5bf8544";
    private static final String ZOES_ITEM = "bb19b56c-8f02-495a-8a76-97c3801b108b";
    private static final String ZOES_PHOTO = "c029ca46-3a95-48c1-a4fd-576364f3ac8a";

    @TempDir
    static Path folder;

    private static TestServer server;
    private static Client mira;
    private static Client zoe;

    @BeforeAll
    static void serve() {
        server = TestServer.of(Fixture.SCHEMA_2, folder);
        mira = server.login("mira", "correct horse battery");
        zoe = server.login("zoe", "z".repeat(100));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aPhotoIsStoredUnderTheHashOfItsBytesAndComesBackAsItWasSent() throws IOException {
        String item = newItem();
        byte[] image = Images.jpeg(300, 200);
        Answer answer = upload(mira, "item", item, image, "image/jpeg");

        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        JsonNode photo = answer.json();
        assertThat(photo.fieldNames()).toIterable()
                .containsExactly("id", "entity_type", "entity_id", "mime_type", "is_primary", "rotation", "created_at");
        assertThat(photo.path("mime_type").textValue()).isEqualTo("image/jpeg");
        assertThat(photo.path("rotation").intValue()).isZero();
        String id = photo.path("id").textValue();
        String hash = sha256(image);
        assertThat(Sqlite.value(server.database(), "SELECT storage_key FROM photos WHERE id = '" + id + "'")).isEqualTo(hash.substring(0, 2) + "/" + hash + ".jpg");
        assertThat(mira.get("/api/v1/photos/" + id + "/file").bytes()).isEqualTo(image);
        assertThat(mira.get("/api/v1/photos/" + id).json()).isEqualTo(photo);
        assertThat(mira.get("/api/v1/photos/by-entity?entity_type=item&entity_id=" + item).json()).hasSize(1).contains(photo);
        try (Stream<Path> files = Files.list(folder.resolve("images"))) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }

    @Test
    void whatIsMissingOrWrongInTheFormIsSaid() {
        byte[] image = Images.png(4, 4);
        assertThat(new Form().text("entity_id", MIRAS_CONTAINER).file(image, "image/png").post(mira, "/api/v1/photos").errorMessage())
                .isEqualTo("validation error: missing entity_type field");
        assertThat(new Form().text("entity_type", "container").file(image, "image/png").post(mira, "/api/v1/photos").errorMessage())
                .isEqualTo("validation error: missing entity_id field");
        assertThat(new Form().text("entity_type", "container").text("entity_id", MIRAS_CONTAINER).post(mira, "/api/v1/photos").errorMessage())
                .isEqualTo("validation error: missing file field");
        Answer wrongType = upload(mira, "shelf", MIRAS_CONTAINER, image, "image/png");
        assertThat(wrongType.status()).isEqualTo(400);
        assertThat(wrongType.errorCode()).isEqualTo("INVALID_ENTITY_TYPE");
        assertThat(upload(mira, "container", "17", image, "image/png").errorMessage()).isEqualTo("validation error: invalid entity_id");
        assertThat(upload(mira, "container", "00000000-0000-4000-8000-000000000000", image, "image/png").status()).isEqualTo(404);
        assertThat(mira.get("/api/v1/photos/by-entity?entity_type=item").status()).isEqualTo(400);
        assertThat(mira.get("/api/v1/photos/by-entity?entity_type=item&entity_id=x").status()).isEqualTo(400);
        assertThat(mira.get("/api/v1/photos/by-entity?entity_type=shelf&entity_id=" + MIRAS_CONTAINER).errorCode()).isEqualTo("INVALID_ENTITY_TYPE");
        assertThat(mira.post("/api/v1/photos", "{}").status()).isEqualTo(400);
    }

    @Test
    @DisplayName("D1: no route about photos answers without a session or shows anything of another group")
    void strangersGetNothing() {
        String before = Sqlite.rows(server.database(), "SELECT * FROM photos WHERE id = '" + ZOES_PHOTO + "'").toString();
        String path = "/api/v1/photos/" + ZOES_PHOTO;
        Map<String, List<String>> routes = new LinkedHashMap<>();
        routes.put("GET", List.of(path, path + "/file", path + "/large", path + "/thumbnail"));
        routes.put("DELETE", List.of(path));
        routes.put("POST", List.of(path + "/primary"));
        routes.forEach((method, paths) -> paths.forEach(route -> {
            assertThat(server.anonymous().send(method, route).status()).as(route).isEqualTo(401);
            assertThat(mira.send(method, route).errorMessage()).as(route).isEqualTo("entity not found: photo " + ZOES_PHOTO);
        }));
        assertThat(server.anonymous().post(path + "/rotate", "{\"degrees\":90}").status()).isEqualTo(401);
        assertThat(mira.post(path + "/rotate", "{\"degrees\":90}").status()).isEqualTo(404);
        String list = "/api/v1/photos/by-entity?entity_type=item&entity_id=" + ZOES_ITEM;
        assertThat(server.anonymous().get(list).status()).isEqualTo(401);
        assertThat(mira.get(list).body()).isEqualTo("[]");
        assertThat(zoe.get(list).json().size()).isGreaterThan(1);
        assertThat(upload(server.anonymous(), "item", ZOES_ITEM, Images.png(2, 2), "image/png").status()).isEqualTo(401);
        assertThat(upload(mira, "item", ZOES_ITEM, Images.png(2, 2), "image/png").errorMessage()).isEqualTo("entity not found: item " + ZOES_ITEM);
        assertThat(Sqlite.rows(server.database(), "SELECT * FROM photos WHERE id = '" + ZOES_PHOTO + "'")).hasToString(before);
    }

    @Test
    @DisplayName("D6: what an upload is decides its content, not what it is called")
    void recognisedByContent() {
        String item = newItem();
        byte[] page = "<html><script>alert(1)</script></html>".getBytes(StandardCharsets.UTF_8);
        for (byte[] no : List.of(page, new byte[0], "BM is how this text begins".getBytes(StandardCharsets.UTF_8))) {
            Answer refused = upload(mira, "item", item, no, "image/jpeg");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.errorCode()).isEqualTo("VALIDATION_ERROR");
        }
        Map<String, byte[]> images = new LinkedHashMap<>();
        images.put("image/jpeg", Images.jpeg(5, 5));
        images.put("image/png", Images.png(5, 5));
        images.put("image/gif", Images.encoded(Images.picture(5, 5, BufferedImage.TYPE_BYTE_INDEXED), "gif"));
        images.put("image/bmp", Images.encoded(Images.picture(5, 5, BufferedImage.TYPE_INT_RGB), "bmp"));
        images.put("image/tiff", Images.encoded(Images.picture(5, 5, BufferedImage.TYPE_INT_RGB), "tiff"));
        images.put("image/webp", zoe.get("/api/v1/photos/" + ZOES_PHOTO + "/file").bytes());
        images.put("image/heic", container("heic", "mif1", "heic"));
        images.put("image/avif", container("mif1", "avif", "miaf"));
        images.forEach((type, bytes) -> {
            Answer stored = upload(mira, "item", item, bytes, "text/html");
            assertThat(stored.status()).as(type).isEqualTo(201);
            assertThat(stored.json().path("mime_type").textValue()).isEqualTo(type);
            Answer file = mira.get("/api/v1/photos/" + stored.json().path("id").textValue() + "/file");
            assertThat(file.header("Content-Type")).contains(type);
            assertThat(file.header("X-Content-Type-Options")).contains("nosniff");
            assertThat(file.header("Content-Security-Policy").orElseThrow()).contains("default-src 'none'", "sandbox");
        });
    }

    @Test
    @DisplayName("D6: what cannot be decoded here is kept and shown as it is")
    void undecodable() {
        byte[] whole = Images.jpeg(800, 800);
        byte[] notReallyJpeg = new byte[5_000_000];
        System.arraycopy(whole, 0, notReallyJpeg, 0, 4);
        for (byte[] image : List.of(notReallyJpeg, container("heic", "mif1", "heic"), Arrays.copyOf(Images.png(800, 800), 60))) {
            String id = uploaded(mira, newItem(), image);
            for (String size : List.of("file", "large", "thumbnail")) {
                assertThat(mira.get("/api/v1/photos/" + id + "/" + size).bytes()).isEqualTo(image);
            }
        }
    }

    @Test
    @DisplayName("D108: the original stays as it was uploaded, and old photos are shown with the type their files have")
    void trueTypes() {
        assertThat(zoe.get("/api/v1/photos/" + ZOES_PHOTO).json().path("mime_type").textValue()).isEqualTo("image/jpeg");
        for (String size : List.of("file", "large", "thumbnail")) {
            Answer image = zoe.get("/api/v1/photos/" + ZOES_PHOTO + "/" + size);
            assertThat(image.status()).isEqualTo(200);
            assertThat(image.header("Content-Type")).contains("image/webp");
        }
    }

    @Test
    @DisplayName("D112: variants are lossy WebP that fits, of every kind of pixel")
    void variants() {
        Map<String, byte[]> images = new LinkedHashMap<>();
        images.put("jpeg", Images.jpeg(2000, 1500));
        images.put("opaque png", Images.png(2000, 1500));
        images.put("png with transparency", Images.encoded(Images.picture(2000, 1500, BufferedImage.TYPE_INT_ARGB), "png"));
        images.put("grey png", Images.encoded(Images.picture(2000, 1500, BufferedImage.TYPE_BYTE_GRAY), "png"));
        images.put("png of 16 bits", Images.encoded(Images.picture(2000, 1500, BufferedImage.TYPE_USHORT_GRAY), "png"));
        images.put("grey jpeg", Images.encoded(Images.picture(2000, 1500, BufferedImage.TYPE_BYTE_GRAY), "jpg"));
        images.put("gif", Images.encoded(Images.picture(2000, 1500, BufferedImage.TYPE_BYTE_INDEXED), "gif"));
        images.put("tiff", Images.encoded(Images.picture(2000, 1500, BufferedImage.TYPE_INT_RGB), "tiff"));
        images.put("long jpeg", Images.jpeg(17_000, 40));
        images.forEach((name, bytes) -> {
            String id = uploaded(mira, newItem(), bytes);
            Answer thumbnail = mira.get("/api/v1/photos/" + id + "/thumbnail");
            Answer large = mira.get("/api/v1/photos/" + id + "/large");

            assertThat(thumbnail.header("Content-Type")).as(name).contains("image/webp");
            assertThat(thumbnail.bytes().length).isLessThan(bytes.length);
            BufferedImage small = Images.webp(thumbnail.bytes());
            assertThat(small.getWidth()).as(name).isEqualTo(200);
            assertThat(Images.webp(large.bytes()).getWidth()).as(name).isEqualTo(1200);
            if (!name.startsWith("long")) {
                assertThat(small.getHeight()).isEqualTo(150);
            }
            if (name.equals("opaque png")) {
                assertThat(new String(thumbnail.bytes(), 12, 4, StandardCharsets.US_ASCII)).isEqualTo("VP8 ");
                assertThat(Images.isRed(small, 50, 30)).isTrue();
                assertThat(Images.isRed(small, 150, 30)).isFalse();
                assertThat(Images.isRed(small, 50, 120)).isFalse();
            }
        });
    }

    @Test
    @DisplayName("D112: an image of 400 million pixels is kept, but not decoded")
    void pixelBomb() throws IOException {
        byte[] bomb = Images.blackPng(20_000, 20_000);
        String id = uploaded(mira, newItem(), bomb);
        long start = System.nanoTime();
        assertThat(mira.get("/api/v1/photos/" + id + "/thumbnail").bytes()).isEqualTo(bomb);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        // At the limit it is decoded, and also when it is all in one line.
        for (byte[] allowed : List.of(Images.blackPng(8_000, 8_000), Images.blackPng(1_000_000, 1))) {
            String path = "/api/v1/photos/" + uploaded(mira, newItem(), allowed) + "/thumbnail";
            assertThat(Images.webp(mira.get(path).bytes()).getWidth()).isEqualTo(200);
        }
    }

    @Test
    void picturesAreUprightHoweverTheCameraWasHeld() {
        // Where the red quarter is seen: left or right, above or below.
        Map<Integer, String> red = Map.of(1, "left above", 2, "right above", 3, "right below", 4, "left below",
                5, "left above", 6, "right above", 7, "right below", 8, "left below");
        red.forEach((orientation, place) -> {
            String id = uploaded(mira, newItem(), Images.jpeg(400, 200, orientation));
            BufferedImage small = Images.webp(mira.get("/api/v1/photos/" + id + "/thumbnail").bytes());

            assertThat(List.of(small.getWidth(), small.getHeight())).as("orientation " + orientation)
                    .isEqualTo(orientation < 5 ? List.of(200, 100) : List.of(100, 200));
            for (boolean left : new boolean[] {true, false}) {
                for (boolean above : new boolean[] {true, false}) {
                    boolean expected = place.equals((left ? "left " : "right ") + (above ? "above" : "below"));
                    int x = small.getWidth() * (left ? 1 : 3) / 4;
                    int y = small.getHeight() * (above ? 1 : 3) / 4;
                    assertThat(Images.isRed(small, x, y)).as("orientation " + orientation + " at " + x + ", " + y).isEqualTo(expected);
                }
            }
        });
    }

    @Test
    @DisplayName("D31, D113: a variant that is missing is made again, from an old server's original too")
    void variantsAreRemade() throws IOException {
        String keys = Sqlite.value(server.database(),
                "SELECT thumbnail_key, large_key, storage_key FROM photos WHERE id = 'd8fc0763-7fd2-46e5-9d05-3b6876e46cad'");
        String[] key = keys.split("\\|");
        Files.delete(folder.resolve("images").resolve(key[0]));
        Files.delete(folder.resolve("images").resolve(key[1]));
        BufferedImage original = Images.webp(Files.readAllBytes(folder.resolve("images").resolve(key[2])));
        String path = "/api/v1/photos/d8fc0763-7fd2-46e5-9d05-3b6876e46cad";

        BufferedImage small = Images.webp(zoe.get(path + "/thumbnail").bytes());
        assertThat(Math.max(small.getWidth(), small.getHeight())).isEqualTo(Math.min(200, Math.max(original.getWidth(), original.getHeight())));
        assertThat(zoe.get(path + "/large").header("Content-Type")).contains("image/webp");
        // Where StoreIT 0.1 and 0.2 look for it.
        assertThat(folder.resolve("images").resolve(key[2].replace(".webp", "_thumb.webp"))).exists();
    }

    @Test
    @DisplayName("D32: photos of schema 1, whose rows name no thumbnail, have one")
    void schema1() throws IOException {
        String row = Sqlite.value(server.database(), "SELECT thumbnail_key, large_key FROM photos WHERE id = '9806bf8f-28c9-4ed6-bc5a-d73507071827'");
        Sqlite.execute(server.database(), "UPDATE photos SET thumbnail_key = NULL, large_key = NULL WHERE id = '9806bf8f-28c9-4ed6-bc5a-d73507071827'");
        Answer thumbnail = zoe.get("/api/v1/photos/9806bf8f-28c9-4ed6-bc5a-d73507071827/thumbnail");
        assertThat(thumbnail.status()).isEqualTo(200);
        assertThat(Images.webp(thumbnail.bytes()).getWidth()).isLessThanOrEqualTo(200);
        assertThat(row).contains(".webp|");
    }

    @Test
    void aPhotoWhoseFileIsMissingIs404AndNotAnError() {
        byte[] image = Images.png(7, 7);
        String id = uploaded(mira, newItem(), image);
        String hash = sha256(image);
        assertThat(folder.resolve("images/" + hash.substring(0, 2) + "/" + hash + ".png").toFile().delete()).isTrue();
        for (String size : List.of("file", "large", "thumbnail")) {
            assertThat(mira.get("/api/v1/photos/" + id + "/" + size).errorCode()).isEqualTo("NOT_FOUND");
        }
    }

    @Test
    @DisplayName("D7: a storage key that leads out of the image folder leads nowhere")
    void escapingKey() throws IOException {
        Files.writeString(folder.resolve("secret.png"), "secret");
        String id = uploaded(mira, newItem(), Images.png(3, 3));
        for (String key : List.of("../secret.png", folder.resolve("secret.png").toString(), "..\\secret.png")) {
            Sqlite.execute(server.database(), "UPDATE photos SET storage_key = '" + key + "', thumbnail_key = '" + key + "', large_key = '" + key
                    + "' WHERE id = '" + id + "'");
            for (String size : List.of("file", "large", "thumbnail")) {
                assertThat(mira.get("/api/v1/photos/" + id + "/" + size).status()).isEqualTo(404);
            }
        }
    }

    @Test
    void imagesAreCachedPrivatelyAndNotSentTwice() {
        String path = "/api/v1/photos/" + ZOES_PHOTO + "/thumbnail";
        Answer first = zoe.get(path);
        String tag = first.header("ETag").orElseThrow();
        assertThat(first.header("Cache-Control")).contains("private, max-age=31536000, immutable");
        assertThat(zoe.get("/api/v1/photos/" + ZOES_PHOTO + "/file").header("ETag").orElseThrow()).isNotEqualTo(tag);
        for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            Answer again = zoe.get(path, Map.of("If-None-Match", known));
            assertThat(again.status()).as(known).isEqualTo(304);
            assertThat(again.bytes()).isEmpty();
            assertThat(again.header("ETag")).contains(tag);
        }
        assertThat(zoe.get(path, Map.of("If-None-Match", "\"other\"")).status()).isEqualTo(200);
        Answer head = zoe.send("HEAD", path);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.bytes()).isEmpty();
    }

    @Test
    @DisplayName("D114: a photo is turned by 90, 180 or 270 degrees and by nothing else")
    void rotation() {
        String path = "/api/v1/photos/" + uploaded(mira, newItem(), Images.png(9, 9)) + "/rotate";
        assertThat(mira.post(path, "{\"degrees\":90}").json().path("rotation").intValue()).isEqualTo(90);
        assertThat(mira.post(path, "{\"degrees\":270}").json().path("rotation").intValue()).isZero();
        assertThat(mira.post(path, "{\"degrees\":180}").json().path("rotation").intValue()).isEqualTo(180);
        for (int odd : new int[] {0, 45, 360, -90, 65535}) {
            Answer answer = mira.post(path, "{\"degrees\":" + odd + "}");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.errorCode()).isEqualTo("VALIDATION_ERROR");
        }
        for (String shape : List.of("{}", "{\"degrees\":\"90\"}", "{\"degrees\":90.0}", "[90]")) {
            assertThat(mira.post(path, shape).status()).isEqualTo(422);
        }
    }

    @Test
    @DisplayName("D115: the first photo of an entity is its primary one, which can be changed")
    void primary() {
        String item = newItem();
        String first = uploaded(mira, item, Images.png(10, 1));
        String second = uploaded(mira, item, Images.png(10, 2));
        String third = uploaded(mira, item, Images.png(10, 3));
        assertThat(order(item)).containsExactly(first + " true", second + " false", third + " false");

        assertThat(mira.send("POST", "/api/v1/photos/" + third + "/primary").json().path("is_primary").booleanValue()).isTrue();
        assertThat(order(item)).containsExactly(third + " true", first + " false", second + " false");

        assertThat(mira.send("DELETE", "/api/v1/photos/" + third).status()).isEqualTo(204);
        assertThat(order(item)).containsExactly(first + " true", second + " false");
        assertThat(mira.send("DELETE", "/api/v1/photos/" + third).status()).isEqualTo(404);
    }

    @Test
    @DisplayName("D111: a truncated file under the name of a picture is replaced when it is uploaded again")
    void damagedFileIsReplaced() throws IOException {
        byte[] image = Images.png(11, 11);
        String hash = sha256(image);
        Path file = folder.resolve("images/" + hash.substring(0, 2) + "/" + hash + ".png");
        Files.createDirectories(file.getParent());
        Files.write(file, Arrays.copyOf(image, 20));
        String id = uploaded(mira, newItem(), image);
        assertThat(mira.get("/api/v1/photos/" + id + "/file").bytes()).isEqualTo(image);
    }

    @Test
    void photosOfLocationsAndContainersBelongToTheirGroupToo() {
        for (String row : Sqlite.rows(server.database(), "SELECT id, rotation FROM photos WHERE entity_type IN ('location', 'container')")) {
            String[] photo = row.split("\\|");
            assertThat(zoe.get("/api/v1/photos/" + photo[0]).json().path("rotation").asText()).isEqualTo(photo[1]);
            assertThat(mira.get("/api/v1/photos/" + photo[0]).status()).isEqualTo(404);
        }
    }

    @Test
    @DisplayName("D100: with an entity go its photos")
    void photosGoWithTheirEntity() {
        String item = newItem();
        String photo = uploaded(mira, item, Images.png(12, 12));
        assertThat(mira.send("DELETE", "/api/v1/items/" + item).status()).isEqualTo(204);

        assertThat(mira.get("/api/v1/photos/" + photo + "/file").status()).isEqualTo(404);
        assertThat(Sqlite.rows(server.database(), "SELECT id FROM photos WHERE entity_id = '" + item + "'")).isEmpty();
    }

    @Test
    void aPhotoOfMoreThan50MebibytesIs413() {
        byte[] large = Arrays.copyOf(Images.jpeg(2, 2), 50 * 1024 * 1024 + 1);
        Answer answer = upload(mira, "item", newItem(), large, "image/jpeg");
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.errorCode()).isEqualTo("PAYLOAD_TOO_LARGE");
    }

    @Test
    void aBodyThatEndsEarlyLeavesNothingBehind() throws IOException {
        long rows = Long.parseLong(Sqlite.value(server.database(), "SELECT count(*) FROM photos"));
        byte[] cut = ("--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n" + "\u00ff\u00d8\u00ff").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(mira.post("/api/v1/photos", cut, "multipart/form-data; boundary=x").status()).isEqualTo(400);
        assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM photos")).isEqualTo(Long.toString(rows));
        Awaitility.await().until(() -> {
            try (Stream<Path> files = Files.list(folder.resolve("images"))) {
                return files.noneMatch(file -> file.getFileName().toString().startsWith(".upload-"));
            }
        });
    }

    private static List<String> order(String item) {
        var order = new java.util.ArrayList<String>();
        mira.get("/api/v1/photos/by-entity?entity_type=item&entity_id=" + item).json()
                .forEach(photo -> order.add(photo.path("id").textValue() + " " + photo.path("is_primary")));
        return order;
    }

    private static String newItem() {
        String body = "{\"parent_type\":\"container\",\"parent_id\":\"" + MIRAS_CONTAINER + "\",\"name\":\"photographed\"}";
        return mira.post("/api/v1/items", body).json().path("id").textValue();
    }

    private static String uploaded(Client client, String item, byte[] image) {
        Answer answer = upload(client, "item", item, image, "image/jpeg");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json().path("id").textValue();
    }

    private static Answer upload(Client client, String type, String id, byte[] image, String mimeType) {
        return new Form().file(image, mimeType).text("entity_type", type).text("entity_id", id).post(client, "/api/v1/photos");
    }

    /** Makes the start of a file of the kind that HEIC and AVIF use. */
    private static byte[] container(String brand, String... compatible) {
        int length = 16 + 4 * compatible.length;
        String text = "\0\0\0" + (char) length + "ftyp" + brand + "\0\0\0\0" + String.join("", compatible) + "and what follows";
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
