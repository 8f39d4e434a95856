package io.storeit.server;

import static io.storeit.server.Household.MIRAS_CONTAINER;
import static io.storeit.server.Household.MIRAS_LOCATION;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.inspect.DatabaseVerification;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchTest {
    private static final String PATH = "/api/v1/search";

    @TempDir
    static Path folder;

    private static TestServer server;
    private static Client mira;
    private static Household household;

    @BeforeAll
    static void start() {
        server = TestServer.of(Fixture.SCHEMA_2, folder);
        mira = Household.mira(server);
        household = new Household(mira);
        for (String name : List.of(
                "Electronics box", "Batteries AA", "Crème brûlée torch", "C++ Primer", "screwdriver, 50%", "it's a kind of magic", "nfc://x foo-bar",
                "Organization of shelves", "Carpet", "car", "red wool sock", "sock of red wool")) {
            household.itemIn(MIRAS_CONTAINER, name);
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @DisplayName("D97: the last word may be unfinished, at every letter typed")
    @CsvSource({"Electronics, Electronics box", "Batteries, Batteries AA", "Organization, Organization of shelves", "brûlée, Crème brûlée torch", "CREME, Crème brûlée torch"})
    void everyLetterTyped(String word, String found) {
        for (int length = 1; length <= word.length(); length++) {
            assertThat(names(word.substring(0, length))).as(word.substring(0, length)).contains(found);
        }
    }

    @Test
    @DisplayName("D97: an unfinished word finds no words that are shorter")
    void shorterWords() {
        assertThat(names("carp")).containsExactly("Carpet");
        assertThat(names("carpetx")).isEmpty();
    }

    @Test
    void wordsMayComeInAnyOrderAndAllHaveToBeThere() {
        assertThat(names("wool red")).containsExactlyInAnyOrder("red wool sock", "sock of red wool");
        assertThat(names("wool blue")).isEmpty();
        assertThat(names("socks wool")).containsExactlyInAnyOrder("red wool sock", "sock of red wool");
        // Only the last one may be unfinished.
        assertThat(names("woo red")).isEmpty();
    }

    @Test
    void quotedPhrasesAndStarsKeepTheirMeaning() {
        assertThat(names("\"red wool sock\"")).containsExactly("red wool sock");
        assertThat(names("\"wool red\"")).isEmpty();
        assertThat(names("woo* red")).hasSize(2);
        assertThat(names("\"red woo\"*")).hasSize(2);
        assertThat(names("\"red woo\"")).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("D96: any text can be looked for")
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "it's; it's a kind of magic", "C++; C++ Primer", "50%; screwdriver, 50%", "foo-bar; nfc://x foo-bar", "nfc://x; nfc://x foo-bar",
        "bar\"; nfc://x foo-bar", "\"foo; nfc://x foo-bar", "foo - bar; nfc://x foo-bar", "(foo; nfc://x foo-bar", "^foo; nfc://x foo-bar"
    })
    void anyText(String text, String found) {
        assertThat(names(text)).containsExactly(found);
    }

    @ParameterizedTest
    @DisplayName("D96: text that says nothing finds nothing")
    @ValueSource(strings = {"", " ", "\t", "\"", "\"\"", "*", "**", "-", "++", "()", "\"-\" *", "'", "\0", "{}[]:;,.", "red NEAR wool", "NOT red", "red OR zzz", "name:red", "🔥", "a.b", "\uFFFF"})
    void nothing(String text) {
        assertThat(names(text)).isEmpty();
    }

    @Test
    @DisplayName("D96: a text of a thousand words is as good as any")
    void longText() {
        assertThat(names("red ".repeat(1000))).hasSize(2);
        assertThat(search("x".repeat(4000)).status()).isEqualTo(200);
        assertThat(search("\"".repeat(2000)).status()).isEqualTo(200);
        assertThat(search("a\" ".repeat(1000)).status()).isEqualTo(200);
    }

    @Test
    void theAnswerHasTypeIdAndScoreTheBestFirst() {
        String location = household.location("quince quince quince");
        household.containerAt(MIRAS_LOCATION, "quince and a good many other things besides");

        JsonNode results = search("quince").json().path("results");

        assertThat(results.findValuesAsText("entity_type")).containsExactly("location", "container");
        assertThat(results.get(0).path("entity_id").textValue()).isEqualTo(location);
        assertThat(results.get(0).path("score").doubleValue()).isNegative().isLessThan(results.get(1).path("score").doubleValue());
        assertThat(results.get(0).fieldNames()).toIterable().containsExactly("entity_type", "entity_id", "score");
    }

    @Test
    void aliasesKeywordsAndCategoryAreFoundButNotTheBarcode() {
        mira.put("/api/v1/items/" + household.itemIn(MIRAS_CONTAINER, "thing"), """
                {"aliases":["gizmo"],"keywords":["doodah"],"category":"whatsit","description":"contraption","barcode":"4711000","material":"unobtainium"}""");

        for (String word : List.of("gizmo", "doodah", "whatsit", "contraption")) {
            assertThat(names(word)).containsExactly("thing");
        }
        assertThat(names("4711000")).isEmpty();
        assertThat(names("unobtainium")).isEmpty();
    }

    @Test
    void aChangedItemIsFoundByWhatItIsNow() {
        String id = household.itemIn(MIRAS_CONTAINER, "zither");
        assertThat(names("zither")).hasSize(1);
        mira.put("/api/v1/items/" + id, "{\"name\":\"banjo\"}");
        assertThat(names("zither")).isEmpty();
        mira.post("/api/v1/items/" + id + "/move", Household.target("location", MIRAS_LOCATION));
        assertThat(names("banjo")).hasSize(1);
        mira.delete("/api/v1/items/" + id);
        assertThat(names("banjo")).isEmpty();
    }

    @Test
    @DisplayName("D119: the limit is 20 unless given, and capped")
    void limit() {
        String batch = Household.placed("container", MIRAS_CONTAINER, "numerous");
        mira.post("/api/v1/items/batch", "[" + batch + ("," + batch).repeat(1000) + "]");

        assertThat(search("numerous").json().path("results")).hasSize(20);
        assertThat(mira.get(PATH + "?q=numerous&limit=3").json().path("results")).hasSize(3);
        assertThat(mira.get(PATH + "?q=numerous&limit=0").json().path("results")).isEmpty();
        assertThat(mira.get(PATH + "?q=numerous&limit=4294967295").json().path("results")).hasSize(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?limit=3", "?q=a&limit=-1", "?q=a&limit=x", "?q=a&limit=", "?q=a&limit=1.0", "?q=a&limit=4294967296", "?q=a&q=b", "?q=a&limit=1&limit=1"})
    void aWrongQueryIs400(String query) {
        Answer answer = mira.get(PATH + query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorCode()).isEqualTo("INVALID_REQUEST");
    }

    @Test
    @DisplayName("D116: after all kinds of changes the index is as the data says")
    void theIndexIsAsTheDataSays(@TempDir Path other) {
        Path database;
        try (TestServer changed = TestServer.of(Fixture.SCHEMA_2, other)) {
            database = changed.database();
            var zoes = new Household(Household.zoe(changed));
            String room = zoes.location("room");
            String box = zoes.containerAt(room, "box");
            String spoon = zoes.itemIn(box, "spoon");
            zoes.client().put("/api/v1/locations/" + room, "{\"description\":\"large\"}");
            zoes.client().put("/api/v1/containers/" + box, "{\"name\":\"crate\"}");
            zoes.client().put("/api/v1/items/" + spoon, "{\"keywords\":[\"silver\",\"\"]}");
            zoes.client().post("/api/v1/items/" + spoon + "/move", Household.target("location", room));
            zoes.client().delete("/api/v1/containers/" + box);
            // Refused, and so without a trace in the index.
            zoes.client().put("/api/v1/items/" + spoon, "{\"name\":\"ladle\",\"quantity\":-1}");
            zoes.client().delete("/api/v1/locations/" + room);
            zoes.client().put("/api/v1/items/cff45b4e-1030-495c-9b0a-e38db105ffaf", "{\"description\":null}");
        }
        assertThat(DatabaseVerification.verify(database, null, Progress.NONE).problems()).isEmpty();
    }

    private static Answer search(String text) {
        return mira.get(PATH + "?q=" + URLEncoder.encode(text, StandardCharsets.UTF_8));
    }

    private static List<String> names(String text) {
        Answer answer = search(text);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().path("results").findValuesAsText("entity_id").stream()
                .map(id -> mira.get("/api/v1/items/" + id).json().path("name").asText())
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
