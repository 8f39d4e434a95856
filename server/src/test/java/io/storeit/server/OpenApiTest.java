package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.Contract.Operation;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that the description of the API is complete and correct. Every test checks that answers are as described, see {@link
 * Contract}.
 */
class OpenApiTest {
    @TempDir
    static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.of(Fixture.SCHEMA_2, folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyOperationIsRoutedAndEveryRouteIsDescribed() {
        List<String> described = Contract.API.operations().stream().map(Operation::route).toList();

        assertThat(server.routes()).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(described);
    }

    @Test
    void theOperationsOfEarlierVersionsAreAllThere() {
        // 72 in the contract, and the two that were described in words only.
        assertThat(Contract.API.operations().stream().filter(operation -> !operation.isAddition())).hasSize(74);
        assertThat(Contract.API.operations().stream().map(Operation::id)).doesNotHaveDuplicates().doesNotContainNull();
    }

    @Test
    void everyReferenceNamesSomething() {
        JsonNode document = server.anonymous().get("/api-docs/openapi.json").json();

        assertThat(document.findValuesAsText("$ref")).isNotEmpty()
                .allSatisfy(reference -> assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse());
    }

    @Test
    @DisplayName("D1, D2, D4: without a session every operation but the open ones is 401, whatever is sent")
    void withoutASessionEveryOperationIs401() {
        for (Operation operation : Contract.API.operations()) {
            boolean open = operation.access().equals("anonymous") || operation.access().equals("admin-or-local");
            Answer answer = send(server.anonymous(), operation);

            assertThat(answer.status() == 401).as(operation.route() + " " + answer.status()).isEqualTo(!open);
        }
    }

    @Test
    @DisplayName("D4: the administrators' operations are 403 to everybody else")
    void theAdministratorsOperationsAre403ToEverybodyElse() {
        Client mira = server.login("mira", "correct horse battery");
        for (Operation operation : Contract.API.operations()) {
            // The one that would end the session.
            if (!operation.id().equals("logout")) {
                Answer answer = send(mira, operation);

                assertThat((answer.status() == 403 && answer.errorMessage().contains("admin access required"))).as(operation.route() + " " + answer.status())
                        .isEqualTo(operation.access().equals("admin"));
            }
        }
    }

    private static Answer send(Client client, Operation operation) {
        String path = operation.path().replaceAll("\\{[^}]+}", Household.UNKNOWN_ID);
        return client.send(operation.method(), path, HttpRequest.BodyPublishers.ofString("{"), "application/json");
    }
}
