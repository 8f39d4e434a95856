package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** docs/troubleshooting.md has every message with its cure, and no message that nothing prints. */
@Tag("once")
class TroubleshootingTest {
    /** The first cell of a row that begins with a message. */
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`.*?`) \\| (.*?) \\|$");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** By the entry; each is compared with thousands of texts. */
    private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

    private static Messages messages;
    private static List<String> quoted;

    @BeforeAll
    static void read() throws IOException {
        messages = new Messages(Shell.ROOT);
        quoted = ROW.matcher(Files.readString(Shell.ROOT.resolve("docs/troubleshooting.md"))).results()
                .flatMap(row -> CODE.matcher(row.group(1)).results()).map(code -> code.group(1).replace("\\|", "|")).toList();
    }

    @Test
    void everyMessageOfAnExceptionIsOnThePage() {
        Set<String> printed = messages.ofExceptions();
        assertThat(printed).as("the test finds messages at all").hasSizeGreaterThan(200)
                .contains("Not enough space on the file system of …: … needed, … free", "validation error: …", "the database … is in use by another process");
        assertThat(printed.stream().filter(message -> quoted.stream().noneMatch(entry -> pattern(entry).matcher(message).matches())))
                .as("messages without a row in docs/troubleshooting.md; … stands for what the program fills in").isEmpty();
    }

    @Test
    void everyMessageOfThePageIsInTheSources() {
        Set<String> all = messages.all();
        Set<String> trimmed = all.stream().map(TroubleshootingTest::trimmed).collect(Collectors.toSet());
        assertThat(quoted.stream().filter(entry -> all.stream().noneMatch(pattern(entry).asMatchPredicate()))
                .filter(entry -> trimmed.stream().noneMatch(pattern(trimmed(entry)).asMatchPredicate())))
                .as("messages of docs/troubleshooting.md that nothing prints").isEmpty();
    }

    /** An entry of … alone, or nearly so, would match everything. */
    @Test
    void everyEntryHasTextOfItsOwn() {
        assertThat(quoted).isNotEmpty().doesNotHaveDuplicates().allSatisfy(entry -> assertThat(Messages.letters(entry)).as(entry).isGreaterThan(1));
    }

    private static Pattern pattern(String entry) {
        return PATTERNS.computeIfAbsent(entry, text -> Pattern.compile(
                Arrays.stream(text.split(Messages.VALUE, -1)).map(Pattern::quote).collect(Collectors.joining(".*")), Pattern.DOTALL));
    }

    /** A text of the sources has no value before or behind it when that is added elsewhere. */
    private static String trimmed(String text) {
        return text.replaceAll("^[… ]+|[… ]+$", "");
    }
}
