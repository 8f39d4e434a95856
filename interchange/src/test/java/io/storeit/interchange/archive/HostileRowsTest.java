package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that cannot be what they claim to be: each refusal names file, row and value. */
class HostileRowsTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "items      | quantity     | \"x\"                   | quantity must be a 32-bit integer, found \"x\"",
        "items      | quantity     | 1.0                     | quantity must be a 32-bit integer, found 1.0",
        "items      | quantity     | 1e3                     | quantity must be a 32-bit integer, found 1e3",
        "items      | quantity     | 2147483648              | quantity must be a 32-bit integer, found 2147483648",
        "items      | quantity     | -2147483649             | quantity must be a 32-bit integer, found -2147483649",
        "items      | quantity     | null                    | quantity must be a 32-bit integer, found null",
        "items      | name         | null                    | name must be a text, found null",
        "items      | name         | 7                       | name must be a text, found 7",
        "items      | name         | [\"x\"]                 | name must be a text, found a list",
        "items      | description  | {}                      | description must be a text, found an object",
        "items      | aliases      | \"[]\"                  | aliases must be a list of strings, found \"[]\"",
        "items      | aliases      | null                    | aliases must be a list of strings, found null",
        "items      | aliases      | [\"a\", 1]              | aliases must be a list of strings, found 1 in it",
        "items      | aliases      | [\"a\", null]           | aliases must be a list of strings, found null in it",
        "items      | aliases      | [[]]                    | aliases must be a list of strings, found a list in it",
        "items      | id           | \"1\"                   | id must be a UUID, found \"1\"",
        "items      | id           | null                    | id must be a UUID, found null",
        "items      | created_at   | \"2026-04-02T08:15:30\" | created_at must be a time with zone, such as 2026-04-02T08:15:30Z, found",
        "items      | created_at   | \"2026-02-30T08:15:30Z\"| created_at must be a time with zone",
        "items      | created_at   | 1775117730              | created_at must be a time with zone",
        "items      | container_id | \"../../etc/passwd\"    | container_id must be a UUID, found \"../../etc/passwd\"",
        "locations  | latitude     | \"1.5\"                 | latitude must be a number, found \"1.5\"",
        "locations  | latitude     | 1e999                   | latitude must be a number, found 1e999",
        "locations  | latitude     | true                    | latitude must be a number, found true",
        "users      | is_admin     | 1                       | is_admin must be true or false, found 1",
        "users      | is_admin     | \"true\"                | is_admin must be true or false, found \"true\"",
        "memberships| role         | \"admin\"               | role must be owner or member, found \"admin\"",
        "memberships| role         | \"Owner\"               | role must be owner or member, found \"Owner\"",
        "photos     | entity_type  | \"user\"                | entity_type must be location or container or item, found \"user\"",
        "nfc_tags   | entity_type  | \"item\"                | entity_type must be location or container, found \"item\"",
        "photos     | storage_key  | \"/etc/passwd\"         | storage_key is not a valid image file name: \"/etc/passwd\"",
        "photos     | storage_key  | \"../storeit.db\"       | storage_key is not a valid image file name: \"../storeit.db\"",
        "photos     | storage_key  | \"\"                    | storage_key is not a valid image file name: \"\"",
        "photos     | thumbnail_key| \"..\\\\x\"             | thumbnail_key is not a valid image file name:",
        "photos     | _large_key   | \"/x\"                  | _large_key is not a valid image file name: \"/x\"",
        "items      | name         | \"\\ud800\"             | has a string with an unpaired surrogate:",
        "items      | name         | \"\\udc00\\ud800\"      | has a string with an unpaired surrogate:",
        "items      | aliases      | [\"\\ud83d\"]           | has a string with an unpaired surrogate:",
        "items      | ai_raw       | {\"a\":[\"\\ud83d\"]}   | has a string with an unpaired surrogate:",
        "items      | extra        | {\"\\ud83d\":1}         | is not valid JSON (Broken surrogate pair",
        "items      | ai_raw       | {\"a\":1,\"a\":2}       | is not valid JSON (Duplicate field 'a'",
        "items      | \\u001b[2J   | \"\\ud83d\"             | has a string with an unpaired surrogate:",
        "items      | quantity     | \"\\u001b[2J\\n\\u202e\"| quantity must be a 32-bit integer, found \"\\u001b[2J\\u000a\\u202e\"",
    })
    void aWrongValue(String table, String key, String value, String message) {
        ObjectNode row = row(Table.ofKey(table).orElseThrow());
        String name = key.startsWith("\\u") ? "\u001b[2J" : key;
        row.put(name, "@@@");

        refused(table, "[" + row(Table.ofKey(table).orElseThrow()) + "," + row.toString().replace("\"@@@\"", value) + "]", "row 2: " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "group_id", "name", "aliases", "keywords", "quantity", "created_at", "updated_at"})
    void aMissingKey(String key) {
        ObjectNode row = row(Table.ITEMS);
        row.remove(key);

        refused("items", "[" + row + "]", "row 1: " + key + " is missing");
    }

    @Test
    void photosFromBeforeThereWasARotation() {
        ObjectNode row = row(Table.PHOTOS);
        row.remove("rotation");

        refused("photos", "[" + row + "]", "row 1: rotation is missing");
    }

    @Test
    void aDoubledKey() {
        String row = row(Table.USERS).toString();
        refused("users", "[" + row.substring(0, row.length() - 1) + ",\"email\":\"x\"}]", "row 1: key \"email\" occurs twice");
        refused("users", "[" + row.substring(0, row.length() - 1) + ",\"x\":1,\"x\":1}]", "row 1: key \"x\" occurs twice");
    }

    @Test
    void noneOrBothParents() {
        ObjectNode row = row(Table.ITEMS);
        String id = row.get("id").textValue();
        refused("items", "[" + row.deepCopy().put("container_id", id).put("location_id", id) + "]",
                "row 1: has both container_id and location_id");
        row.remove("container_id");
        refused("items", "[" + row.putNull("location_id") + "]", "row 1: has neither container_id nor location_id");
        refused("containers", "[" + row(Table.CONTAINERS).put("parent_container_id", id).put("parent_location_id", id) + "]",
                "row 1: has both parent_location_id and parent_container_id");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "                        | must be a list, found nothing",
        "{}                      | must be a list, found an object",
        "null                    | must be a list, found null",
        "[                       | the file is truncated",
        "[1]                     | row 1: must be an object, found 1",
        "[[]]                    | row 1: must be an object, found a list",
        "[{}]                    | row 1: ",
        "[{}}                    | row 1: ",
        "[{\"name\":             | row 1: the file is truncated",
        "[{\"name\" 1}]          | row 1: is not valid JSON (Unexpected character",
        "[],                     | is not valid JSON",
        "[] []                   | has data after its last row",
        "[,]                     | is not valid JSON",
        "[{'name': 1}]           | row 1: is not valid JSON",
        "[{\"name\": NaN}]       | row 1: is not valid JSON",
        "[{\"name\": \"a\tb\"}]  | row 1: is not valid JSON (Illegal unquoted character",
        "// comment              | is not valid JSON",
    })
    void aFileThatIsNoListOfRows(String content, String message) {
        refused("groups", content == null ? "" : content, message);
    }

    @Test
    void settingsThatAreNoPairs() {
        for (String settings : new String[] {"[{}]", "[[]]", "[[\"a\"]]", "[[\"a\",1]]", "[[\"a\",\"b\",\"c\"]]", "[[\"a\",null]]"}) {
            refused("settings", settings, "row 1: must be a list of two strings");
        }
    }

    @Test
    void bytesThatAreNotUtf8() {
        byte[] latin1 = "[{\"name\":\"caf\u00e9\"}]".getBytes(StandardCharsets.ISO_8859_1);
        byte[] overlong = {'[', '"', (byte) 0xc0, (byte) 0xaf, '"', ']'};
        byte[] surrogate = {'[', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ']'};
        for (byte[] bytes : new byte[][] {latin1, overlong, surrogate, "[]".getBytes(StandardCharsets.UTF_16)}) {
            refused(Forge.empty().replace("backup/data/groups.json", bytes), "groups.json", "not UTF-8");
        }
        refused("groups", "\ufeff[]", "is not valid JSON");
        refused(Forge.empty().replace("backup/data/groups.json", "[]".getBytes(StandardCharsets.UTF_16LE)), "groups.json", "is not valid JSON");
    }

    @Test
    void numbersNobodyCanHold() {
        String row = row(Table.ITEMS).put("ai_raw", "@@@").toString();
        for (String number : new String[] {"1e99999999999", "1e-99999999999", "1e2147483648", "100e2147483647", "[1e1000001]", "1e-1000001"}) {
            refused("items", "[" + row.replace("\"@@@\"", number) + "]", "row 1: has a number with too large an exponent");
        }
        refused(Forge.empty().replace("backup/manifest.json", "{\"x\":1e99999999999}"), "manifest.json", "has a number with too large");
    }

    @Test
    void numbersThatAreMerelyLarge() throws IOException {
        String row = row(Table.ITEMS).put("ai_raw", "@@@").toString();
        for (String number : new String[] {"1e1000000", "-1e-1000000", "9".repeat(Json.MAX_DIGITS)}) {
            Path archive = Forge.empty().replace("backup/data/items.json", "[" + row.replace("\"@@@\"", number) + "]").write(folder);
            assertThat(ReadBack.of(archive).rows.get(Table.ITEMS).get(0).get("ai_raw").decimalValue()).isEqualByComparingTo(number);
        }
    }

    @Test
    void nestingIsBoundedOnBothSides() throws IOException {
        int deepest = Json.MAX_DEPTH - 2;
        String row = row(Table.ITEMS).put("ai_raw", "@@@").toString();
        Path archive = Forge.empty().replace("backup/data/items.json",
                "[" + row.replace("\"@@@\"", "[".repeat(deepest) + "]".repeat(deepest)) + "]").write(folder);
        assertThat(ReadBack.of(archive).rows.get(Table.ITEMS)).hasSize(1);

        refused("items", "[" + row.replace("\"@@@\"", "[".repeat(deepest + 1) + "]".repeat(deepest + 1)) + "]", "row 1: is nested too deeply");
        refused("items", "[" + row.replace("\"@@@\"", "[".repeat(100_000)) + "]", "row 1: is nested too deeply");
        refused("items", "[" + row.replace("\"@@@\"", "9".repeat(Json.MAX_DIGITS + 1)) + "]", "row 1: is nested too deeply or has a text or number");
    }

    private void refused(String table, String content, String message) {
        refused(Forge.empty().replace("backup/data/" + table + ".json", content), table + ".json", message);
    }

    private void refused(Forge forge, String file, String message) {
        var refusal = catchThrowableOfType(ArchiveException.class, () -> ReadBack.of(forge.write(folder)));

        assertThat(refusal).as("nothing was refused").isNotNull();
        assertThat(refusal).hasMessageStartingWith(file).hasMessageContaining(message);
        assertThat(refusal.getMessage()).doesNotContain("\n", "\u001b").hasSizeLessThan(300);
        assertThat(refusal.hint()).isNotEmpty();
    }

    private static ObjectNode row(Table table) {
        return new RandomHousehold(5, 2, 1).of(table).get(0);
    }
}
