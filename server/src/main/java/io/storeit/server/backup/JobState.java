package io.storeit.server.backup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** How far a job is. {@link #json()} is what its status route answers. */
sealed interface JobState {

    ObjectNode json();

    /** Waits for the job before it: only one runs at a time. */
    record Pending() implements JobState {
        @Override
        public ObjectNode json() {
            return report("pending", 0, 0);
        }
    }

    /** @param total 0 until it is known */
    record Running(long progress, long total) implements JobState {
        @Override
        public ObjectNode json() {
            return report("running", progress, total);
        }
    }

    /** @param skippedImages keys of the image files that a backup, having been allowed to, left out because they are missing */
    record Succeeded(long total, List<String> skippedImages) implements JobState {
        @Override
        public ObjectNode json() {
            ObjectNode json = report("complete", total, total);
            var keys = json.putArray("skipped_images");
            skippedImages.forEach(keys::add);
            return json;
        }
    }

    record Failed(long progress, long total, String error) implements JobState {
        @Override
        public ObjectNode json() {
            return report("failed", progress, total).put("error", error);
        }
    }

    private static ObjectNode report(String status, long progress, long total) {
        return JsonNodeFactory.instance.objectNode().put("status", status).put("progress", progress).put("total", total);
    }
}
