package io.storeit.server.backup;

import io.storeit.server.Problem;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Request;
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

/**
 * The multipart body of a restore: part {@code file}, which goes straight to disk whatever its size, and part {@code options}. In
 * any order; unknown parts are skipped, and of a repeated one the last counts.
 */
final class RestoreUpload implements MultipartParser.PartHandler {
    /** Options are a few dozen bytes; this is what a client could make the server keep in memory. */
    private static final int LONGEST_OPTIONS = 64 * 1024;

    private final Path file;
    private boolean hasFile;
    private ByteArrayOutputStream options;
    /** Where the bytes of the present part go; null when nobody wants them. */
    private WritableByteChannel target;
    private boolean inOptions;

    private RestoreUpload(Path file) {
        this.file = file;
    }

    /**
     * Reads the whole body.
     *
     * @param limit bytes the body may have
     * @param file  where the part {@code file} is written; left behind when this throws, for the caller to delete
     * @return the options
     */
    static JsonBody receive(Request request, long limit, Path file) throws IOException {
        String type = request.contentType();
        String boundary = type.regionMatches(true, 0, "multipart/form-data", 0, "multipart/form-data".length())
                ? Headers.extractQuotedValueFromHeader(type, "boundary") : null;
        if (boundary == null || boundary.isEmpty()) {
            throw Problem.invalidRequest("the body must be sent as multipart/form-data with a boundary");
        }
        var upload = new RestoreUpload(file);
        try {
            upload.read(request, limit, boundary);
        } finally {
            upload.closeTarget();
        }
        if (!upload.hasFile) {
            throw Problem.validation("missing file field");
        }
        if (upload.options == null) {
            throw Problem.validation("missing options field");
        }
        return upload.parsedOptions();
    }

    private void read(Request request, long limit, String boundary) throws IOException {
        MultipartParser.ParseState parser =
                MultipartParser.beginParse(request.buffers(), this, boundary.getBytes(StandardCharsets.US_ASCII), "UTF-8");
        InputStream body = request.body(limit);
        var buffer = new byte[64 * 1024];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            parser.parse(ByteBuffer.wrap(buffer, 0, read));
        }
        if (!parser.isComplete()) {
            throw Problem.invalidRequest("the multipart body ended early");
        }
    }

    /** The contract answers anything wrong with the options with 400, also what would be 422 in a JSON body. */
    private JsonBody parsedOptions() {
        try {
            return JsonBody.parse(options.toByteArray());
        } catch (Problem e) {
            throw Problem.validation("options: " + e.getMessage());
        }
    }

    @Override
    public void beginPart(HeaderMap headers) {
        closeTarget();
        String disposition = headers.getFirst(Headers.CONTENT_DISPOSITION);
        String name = disposition == null ? "" : String.valueOf(Headers.extractQuotedValueFromHeader(disposition, "name"));
        inOptions = name.equals("options");
        if (inOptions) {
            options = new ByteArrayOutputStream();
            target = Channels.newChannel(options);
        } else if (name.equals("file")) {
            hasFile = true;
            target = Channels.newChannel(open());
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
    public void data(ByteBuffer bytes) throws IOException {
        if (target == null) {
            return;
        }
        if (inOptions && options.size() + bytes.remaining() > LONGEST_OPTIONS) {
            throw Problem.validation("options are too long");
        }
        while (bytes.hasRemaining()) {
            target.write(bytes);
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
        }
    }
}
