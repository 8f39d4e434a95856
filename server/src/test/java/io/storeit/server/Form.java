package io.storeit.server;

import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A {@code multipart/form-data} body, as browsers send it. */
final class Form {
    private static final String BOUNDARY = "----boundary";

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Form text(String name, String value) {
        return part("name=\"" + name + "\"", null, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds the part {@code file}, under a name that no server should trust. */
    Form file(byte[] bytes, String type) {
        return part("name=\"file\"; filename=\"../../x\"", type, bytes);
    }

    private Form part(String disposition, String type, byte[] bytes) {
        String head = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; " + disposition + "\r\n"
                + (type == null ? "" : "Content-Type: " + type + "\r\n") + "\r\n";
        body.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        body.writeBytes(bytes);
        body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        return this;
    }

    Answer post(Client client, String path) {
        body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return client.post(path, body.toByteArray(), "multipart/form-data; boundary=" + BOUNDARY);
    }
}
