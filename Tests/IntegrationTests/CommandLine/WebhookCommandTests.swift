import Foundation
import Testing

/// What operators see of webhooks, and do about them, in a shell.
@Suite(.timeLimit(.minutes(2))) struct WebhookCommandTests {
    /// An endpoint `erp` that did not take three events.
    private func withEndpoint(_ body: (OperatorUnderTest, LedgerUnderTest) async throws -> Void) async throws {
        try await withOperator { shell in
            let ledger = try LedgerUnderTest(url: shell.databaseURL)
            _ = try await ledger.lines(
                """
                INSERT INTO webhook_cursors (endpoint, holder, held_until, last_error)
                VALUES ('erp', 'node-1', now() + interval '1 hour', 'does not answer: connection refused by 127.0.0.1:9999') RETURNING endpoint
                """)
            _ = try await ledger.lines(
                """
                INSERT INTO webhook_failures (endpoint, turn, id, part, attempts, last_error)
                SELECT 'erp', 1, n, 0, 9, '500' FROM generate_series(1, 3) AS n RETURNING endpoint
                """)
            try await body(shell, ledger)
        }
    }

    private func state(_ shell: OperatorUnderTest) async throws -> String? {
        try await shell.seckill("webhook", "list", "-o", "csv").data.split(separator: "\r\n").last?.split(separator: ",").dropFirst().first.map(
            String.init)
    }

    @Test func aReceiverThatRefusesIsFailing() async throws {
        try await withEndpoint { shell, ledger in
            #expect(try await state(shell) == "failing")
            let table = try await shell.seckill("webhook", "list")
            #expect(table.data.contains("LAST ERROR") && table.data.contains("does not answer"), "\(table.data)")
            for line in table.data.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
            #expect(try await shell.seckill("webhook", "stop", "erp").status == 0)
            #expect(try await state(shell) == "stopped")
            #expect(try await shell.seckill("webhook", "resume", "erp").status == 0)
            #expect(try await state(shell) == "served")
        }
    }

    private struct History: Decodable {
        struct Entry: Decodable {
            var reason: String?
            var changes: [String]
        }

        var history: [Entry]
    }

    @Test func whatIsDoneStandsInTheHistory() async throws {
        try await withEndpoint { shell, _ in
            for (arguments, status) in [
                ("skip erp evt_1-1-0 --reason gone", 0), ("skip erp evt_1-1-0", 3), ("replay erp --reason back", 0),
                ("stop erp --reason maintenance", 0), ("stop erp", 0), ("resume erp", 0), ("resume erp", 0), ("skip erp", 0), ("skip erp", 0),
                ("stop nobody", 3), ("stop erp --reason ''", 2),
            ] as [(String, Int32)] {
                let outcome = try await shell.seckill.shell("\"$SECKILL\" webhook \(arguments)")
                #expect(outcome.status == status, "\(arguments): \(outcome)")
            }
            let entries = try await shell.seckill("history", "-o", "json").json(as: History.self).history
            // What changed nothing is not there.
            #expect(
                entries.map(\.changes) == [
                    ["failed events of webhook erp skipped"], ["webhook erp served again"], ["webhook erp stopped"],
                    ["failed events of webhook erp sent again"], ["event evt_1-1-0 of webhook erp skipped"],
                ])
            #expect(entries.map { $0.reason ?? "" } == ["", "", "maintenance", "back", "gone"])
        }
    }

    @Test func aDryRunSaysWhatWouldBeDoneAndDoesNothing() async throws {
        try await withEndpoint { shell, _ in
            for (arguments, says) in [
                ("skip erp", "3 events would be forgotten"), ("replay erp evt_1-2-0", "1 event would be sent again"),
                ("stop erp", "erp would be stopped"), ("resume erp", "erp is served again"),
            ] {
                let outcome = try await shell.seckill.shell("\"$SECKILL\" webhook \(arguments) --dry-run --reason why")
                #expect(outcome.status == 0 && outcome.messages.hasPrefix(says), "\(arguments): \(outcome)")
            }
            for (arguments, status) in [("skip erp evt_9-9-0", 3), ("stop nobody", 3)] as [(String, Int32)] {
                #expect(try await shell.seckill.shell("\"$SECKILL\" webhook \(arguments) --dry-run").status == status, "\(arguments)")
            }
            #expect(try await shell.seckill("history", "-o", "json").json(as: History.self).history.isEmpty)
            #expect(try await shell.seckill("webhook", "failures", "erp", "-o", "csv").data.split(separator: "\r\n").count == 4)
            #expect(try await state(shell) == "failing")
        }
    }

    @Test func theTemplateIsAFileThatANodeTakes() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try "whsec_\(Data(0..<32).base64EncodedString())\n".write(toFile: "\(directory.path)/shop.whsec", atomically: true, encoding: .utf8)
        try String(repeating: "s", count: 40).write(toFile: "\(directory.path)/secret", atomically: true, encoding: .utf8)
        let seckill = SeckillCommand(environment: [
            "SECKILL_DATABASE_URL": "postgresql://u@db/x", "SECKILL_JWT_SECRET_FILE": "\(directory.path)/secret",
        ])
        let outcome = try await seckill.shell(
            "cd \(directory.path) && \"$SECKILL\" webhook init > hooks.yaml && \"$SECKILL\" config check --webhooks-file hooks.yaml")
        #expect(outcome.status == 0, "\(outcome)")
    }
}
