package io.storeit.ops.console;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.storeit.interchange.schema.Table;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes JSON. Records use databind; small answers are parsed as a stream, which starts 40 ms sooner. */
public final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Loads databind only when a journal or a record is read or written. */
    private static final class Databind {
        static final ObjectMapper MAPPER = new ObjectMapper()
                .setVisibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
                .setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
                .setVisibility(PropertyAccessor.CREATOR, JsonAutoDetect.Visibility.ANY)
                .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .registerModule(new SimpleModule()
                        .addSerializer(Path.class, new ToStringSerializer(Path.class))
                        .addDeserializer(Path.class, new PathReader()));
    }

    private static final class PathReader extends FromStringDeserializer<Path> {
        PathReader() {
            super(Path.class);
        }

        @Override
        protected Path _deserialize(String text, DeserializationContext context) {
            return Path.of(text);
        }
    }

    /** Writes a record with its components as keys in snake case. */
    public static byte[] write(Object value) throws IOException {
        return Databind.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value);
    }

    public static <T> T read(Path file, Class<T> type) throws IOException {
        byte[] content = Files.readAllBytes(file);
        return Databind.MAPPER.readValue(content, type);
    }

    /** Replaces each table by its key, as manifests, servers and this tool's JSON name it. */
    public static Map<String, Long> byKey(Map<Table, Long> counts) {
        var keyed = new LinkedHashMap<String, Long>();
        counts.forEach((table, rows) -> keyed.put(table.key(), rows));
        return keyed;
    }

    static ObjectNode tree(Object value) {
        return Databind.MAPPER.valueToTree(value);
    }

    /** Returns the JSON of a record or map as text. */
    public static String text(Object value) {
        try {
            return new String(write(value), StandardCharsets.UTF_8);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Prints an object, which may have values that are too long to be held in memory, see {@link #streamed}. */
    static void print(PrintWriter out, ObjectNode object) {
        try {
            Databind.MAPPER.writerWithDefaultPrettyPrinter().without(JsonGenerator.Feature.AUTO_CLOSE_TARGET).writeValue(out, object);
            out.println();
            out.flush();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Writes a value while it is printed. */
    public interface Streamed {
        void writeTo(JsonGenerator out) throws IOException;
    }

    /** Returns a value for {@link ObjectNode#putPOJO} that is written while it is printed, and never held in memory. */
    public static JsonSerializable streamed(Streamed value) {
        return new JsonSerializable.Base() {
            @Override
            public void serialize(JsonGenerator out, SerializerProvider provider) throws IOException {
                value.writeTo(out);
            }

            @Override
            public void serializeWithType(JsonGenerator out, SerializerProvider provider, TypeSerializer type) throws IOException {
                value.writeTo(out);
            }
        };
    }

    public static void append(JsonGenerator out, ObjectNode value) {
        try {
            out.writeTree(value);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @SuppressWarnings("unchecked")
    public static Map<String, Object> object(String text) {
        return (Map<String, Object>) read(text, JsonToken.START_OBJECT);
    }

    @SuppressWarnings("unchecked")
    public static List<Object> list(String text) {
        return (List<Object>) read(text, JsonToken.START_ARRAY);
    }

    private static Object read(String text, JsonToken kind) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != kind) throw new IOException("it begins with " + parser.currentToken());
            return readValue(parser);
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Unexpected JSON: " + Words.shortened(text), "", failure);
        }
    }

    /** Returns the message in a server's error, {@code {"error": {"message": "..."}}}; empty if it has another shape. */
    public static String reason(String text) {
        try {
            return object(text).get("error") instanceof Map<?, ?> error && error.get("message") instanceof String message ? message : "";
        } catch (OpsException otherShape) {
            return "";
        }
    }

    /** Returns an integer of an object; 0 if it is missing or not an integer. */
    public static long number(Map<String, Object> object, String name) {
        return object.get(name) instanceof Long number ? number : 0;
    }

    private static Map<String, Object> readObject(JsonParser parser) throws IOException {
        var object = new LinkedHashMap<String, Object>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            object.put(name, readValue(parser));
        }
        return object;
    }

    private static Object readValue(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) return readObject(parser);
        if (token == JsonToken.START_ARRAY) {
            var list = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) list.add(readValue(parser));
            return list;
        }
        if (token == JsonToken.VALUE_NUMBER_INT) return parser.getLongValue();
        if (token == JsonToken.VALUE_NUMBER_FLOAT) return parser.getDoubleValue();
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) return parser.getBooleanValue();
        return token == JsonToken.VALUE_NULL ? null : parser.getText();
    }
}
