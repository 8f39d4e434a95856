package io.storeit.server.location;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The tree of all locations of a group: JSON objects with {@code children}. Every level keeps the order of the given list. A
 * location whose parent is not in the list, or that contains itself (a cycle), does not appear.
 */
@JsonSerialize(using = LocationTree.Serializer.class)
final class LocationTree {
    private final Map<String, List<Location>> byParent = new HashMap<>();

    LocationTree(List<Location> locations) {
        for (Location location : locations) {
            byParent.computeIfAbsent(location.parentId(), parent -> new ArrayList<>()).add(location);
        }
    }

    private Iterator<Location> childrenOf(String parentId) {
        return byParent.getOrDefault(parentId, List.of()).iterator();
    }

    /** Writes the tree without recursion, because the nesting of locations has no limit, but a thread's stack has. */
    static final class Serializer extends JsonSerializer<LocationTree> {

        @Override
        public void serialize(LocationTree tree, JsonGenerator json, SerializerProvider unused) throws IOException {
            Deque<Iterator<Location>> open = new ArrayDeque<>();
            json.writeStartArray();
            open.push(tree.childrenOf(null));
            while (!open.isEmpty()) {
                if (open.peek().hasNext()) {
                    Location location = open.peek().next();
                    json.writeStartObject();
                    json.writeStringField("id", location.id());
                    json.writeStringField("name", location.name());
                    json.writeStringField("description", location.description());
                    writeDegrees(json, "latitude", location.latitude());
                    writeDegrees(json, "longitude", location.longitude());
                    json.writeArrayFieldStart("children");
                    open.push(tree.childrenOf(location.id()));
                } else {
                    json.writeEndArray();
                    open.pop();
                    if (!open.isEmpty()) {
                        json.writeEndObject();
                    }
                }
            }
        }

        private static void writeDegrees(JsonGenerator json, String name, Double degrees) throws IOException {
            if (degrees == null) {
                json.writeNullField(name);
            } else {
                json.writeNumberField(name, degrees);
            }
        }
    }
}
