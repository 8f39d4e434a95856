package io.storeit.server.tag;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * What a scanned UID stands for. Unlike elsewhere in the API, what does not apply is left out.
 *
 * @param status {@code unknown}, {@code unassigned} or {@code assigned}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record UidAnswer(String status, String tagId, @JsonUnwrapped Target target) {}
