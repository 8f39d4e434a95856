package io.storeit.server.http;

import io.storeit.server.problem.Problem;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.MultipartParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A body of the type {@code multipart/form-data}: one part named {@code file}, which goes straight to disk whatever its size, and
 * short texts, in any order. Unknown parts are skipped, and the last of repeated parts counts. The names and types that clients
 * give to their files are ignored.
 */
public final class Multipart implements MultipartParser.PartHandler {
    private static final String FILE = "file";
    /** Limits the bytes of a text, which the server keeps in memory. */
    private static final int LONGEST_TEXT = 64 * 1024;

    private final Path file;
    private final Set<String> names;
    private final Map<String, ByteArrayOutputStream> texts = new HashMap<>();
    private boolean hasFile;
    /** The target of the current part's bytes; null when the part is skipped. */
    private WritableByteChannel target;
    /** The current part when it is a text. */
    private ByteArrayOutputStream text;

    private Multipart(Path file, Set<String> names) {
        this.file = file;
        this.names = names;
    }

    /**
     * Reads the whole body.
     *
     * @param limit the most bytes of the body
     * @param file  the file for the part {@code file}; the caller deletes it when this throws
     * @param names the names of the texts
     */
    public static Multipart receive(Request request, long limit, Path file, Set<String> names) throws IOException {
        String type = request.contentType();
        String boundary = type.regionMatches(true, 0, "multipart/form-data", 0, "multipart/form-data".length()) ? parameter(type, "boundary") : "";
        if (boundary.isEmpty()) {
            throw Problem.invalidRequest("the body must be sent as multipart/form-data with a boundary");
        }
        var form = new Multipart(file, names);
        try {
            form.read(request, limit, boundary);
        } finally {
            form.closeTarget();
        }
        return form;
    }

    /** Returns a parameter of a header; empty when it is not present. */
    private static String parameter(String header, String name) {
        // Without the semicolon Undertow would read past the end of a header that ends with "name=".
        String value = Headers.extractQuotedValueFromHeader(header + ";", name);
        return value == null ? "" : value;
    }

    private void read(Request request, long limit, String boundary) throws IOException {
        MultipartParser.ParseState parser =
                MultipartParser.beginParse(request.buffers(), this, boundary.getBytes(StandardCharsets.US_ASCII), "UTF-8");
        InputStream body = request.body(limit);
        var buffer = new byte[64 * 1024];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            try {
                parser.parse(ByteBuffer.wrap(buffer, 0, read));
            } catch (IOException e) {
                // Errors of the disk are unchecked exceptions, see below.
                throw Problem.invalidRequest("the multipart body is malformed");
            }
        }
        if (!parser.isComplete()) {
            throw Problem.invalidRequest("the multipart body ended early");
        }
    }

    /** Returns the bytes of a required text. */
    public byte[] bytes(String name) {
        ByteArrayOutputStream bytes = texts.get(name);
        if (bytes == null) {
            throw missing(name);
        }
        return bytes.toByteArray();
    }

    /** Returns a required text. */
    public String text(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    public void requireFile() {
        if (!hasFile) {
            throw missing(FILE);
        }
    }

    private static Problem missing(String name) {
        return Problem.validation("missing " + name + " field");
    }

    @Override
    public void beginPart(HeaderMap headers) {
        closeTarget();
        String disposition = headers.getFirst(Headers.CONTENT_DISPOSITION);
        String name = disposition == null ? "" : parameter(disposition, "name");
        if (name.equals(FILE)) {
            hasFile = true;
            target = Channels.newChannel(open());
        } else if (names.contains(name)) {
            text = new ByteArrayOutputStream();
            texts.put(name, text);
            target = Channels.newChannel(text);
        }
    }

    private OutputStream open() {
        try {
            return Files.newOutputStream(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the upload to " + file, e);
        }
    }

    @Override
    public void data(ByteBuffer bytes) {
        if (target == null) {
            return;
        }
        if (text != null && text.size() + bytes.remaining() > LONGEST_TEXT) {
            throw Problem.validation("a field of the form is too long");
        }
        try {
            while (bytes.hasRemaining()) {
                target.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the upload to " + file, e);
        }
    }

    @Override
    public void endPart() {
        closeTarget();
    }

    private void closeTarget() {
        if (target == null) {
            return;
        }
        try {
            target.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the upload to " + file, e);
        } finally {
            target = null;
            text = null;
        }
    }
}
