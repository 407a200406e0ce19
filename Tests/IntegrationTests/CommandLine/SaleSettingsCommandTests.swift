import Foundation
import SaleCore
import Testing

/// A sale from its file to its changes, and the settings of the shell, by the built program.
@Suite(.timeLimit(.minutes(4))) struct SaleSettingsCommandTests {
    private func shown(_ shell: OperatorUnderTest) async throws -> [String: Any] {
        try await shell.seckill("sale", "show", shell.sale, "-o", "json").json()
    }

    @Test func whatShowPrintsApplyTakes() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let yaml = try await shell.seckill("sale", "show", shell.sale, "-o", "yaml")
            let again = try await shell.seckill("sale", "apply", "-f", "-", input: yaml.data)
            #expect(again.status == 0 && again.messages == "sale \(shell.sale): nothing to change\n", "\(again.messages)")
            let template = try await shell.seckill("sale", "init", "\(shell.sale)-2")
            #expect(template.data.hasPrefix("#"))
            let made = try await shell.seckill("sale", "apply", "-f", "-", input: template.data)
            #expect(made.status == 0, "\(made.messages)")
        }
    }

    /// What a colleague has changed meanwhile is not undone unawares.
    @Test func aFileThatWasMadeFromAnotherVersionIsRefused() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let file = try await shell.seckill("sale", "show", shell.sale, "-o", "yaml").data
            #expect(try await shell.seckill("sale", "set", shell.sale, "--title", "A colleague's").status == 0)
            for dryRun in [["--dry-run"], []] {
                let refused = try await shell.seckill(["sale", "apply", "-f", "-"] + dryRun, input: file)
                #expect(refused.status == 4 && refused.messages.contains("is at version 2, the file was made from version 1"), "\(refused)")
            }
            #expect(try await shown(shell)["title"] as? String == "A colleague's")
            let unversioned = try await shell.seckill("sale", "apply", "-f", "-", input: file.replacing("version: 1\n", with: ""))
            #expect(unversioned.status == 0, "\(unversioned)")
            #expect(try await shown(shell)["title"] as? String == "Lamps")
            let elsewhere = try await shell.seckill("sale", "apply", "-f", "-", input: file.replacing(shell.sale, with: "nobodys"))
            #expect(elsewhere.status == 4 && elsewhere.messages.contains("there is no sale nobodys"), "\(elsewhere)")
        }
    }

    @Test func aSaleIsExtendedFromItsEndAndItsItemsAreChanged() async throws {
        try await withOperator { shell in
            try await shell.apply()
            for (arguments, status) in [
                (["sale", "set", shell.sale, "--closes-at", "+30m", "--title", "Lamps of brass"], 0), (["sale", "set", shell.sale], 2),
                (["sale", "set", shell.sale, "--closes-at", "-30m"], 0), (["sale", "set", shell.sale, "--closes-at", "2025-01-01T00:00:00Z"], 2),
                (["sale", "set", shell.sale, "--closes-at", "soon"], 2), (["sale", "set", shell.sale, "--closes-at", "+30m", "--dry-run"], 0),
                (["sale", "set", "nobodys", "--title", "x"], 3), (["sale", "set", shell.sale, "--pay-within", "20m"], 0),
                (["item", "set", "--sale", shell.sale, "--sku", "lamp", "--price", "24.50", "--limit", "3"], 0),
                (["item", "set", "--sale", shell.sale, "--sku", "lamp", "--price", "24.505"], 2),
                (["item", "set", "--sale", shell.sale, "--sku", "lamp", "--price", "1", "--unit-price", "1"], 2),
                (["item", "set", "--sale", shell.sale, "--sku", "none", "--limit", "3"], 3),
                (["sale", "set", shell.sale, "--closes-at", "+1h"], 0),
            ] as [([String], Int32)] {
                let outcome = try await shell.seckill(arguments)
                #expect(outcome.status == status, "\(arguments): \(outcome.status) \(outcome.messages)")
            }
            let sale = try await shown(shell)
            #expect(sale["closes_at"] as? String == "2036-01-01T01:00:00Z" && sale["pay_within"] as? String == "20m")
            #expect(sale["title"] as? String == "Lamps of brass")
            let lamp = (sale["items"] as? [[String: Any]])?.first
            #expect(lamp?["unit_price"] as? Int == 2_450 && lamp?["limit_per_user"] as? Int == 3)
            // One change each; the creation was the first.
            #expect(sale["version"] as? Int == 6)
        }
    }

    @Test func aPauseSaysWhyInTheHistory() async throws {
        try await withOperator { shell in
            try await shell.apply()
            #expect(try await shell.seckill("sale", "pause", shell.sale, "--reason", "wrong price").status == 0)
            #expect(try await shell.seckill("sale", "resume", shell.sale, "--reason", "").status == 2)
            let history = try await shell.seckill("history", "--sale", shell.sale, "-o", "csv").data
            #expect(history.contains(",wrong price,") && history.contains("status open → paused"), "\(history)")
        }
    }

    @Test func settingsAreCheckedAndShownWithoutSecrets() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let secret = "\(directory.path)/secret"
        try String(repeating: "s", count: 40).write(toFile: secret, atomically: true, encoding: .utf8)
        var seckill = SeckillCommand(environment: [
            "SECKILL_DATABASE_URL": "postgresql://u:hush@db/x", "SECKILL_JWT_SECRET_FILE": secret, "SECKILL_COMMIT_WAIT": "250ms",
        ])
        let good = try await seckill("config", "check")
        #expect(good.status == 0, "\(good.messages)")
        let shown = try await seckill("config", "show", "--effective", "--bind", "0.0.0.0:81", "-o", "csv")
        #expect(!shown.data.contains("hush") && shown.data.contains("SECKILL_DATABASE_URL,***,environment"), "\(shown.data)")
        #expect(shown.data.contains("SECKILL_COMMIT_WAIT,250ms,environment\r\n") && shown.data.contains("SECKILL_BIND,0.0.0.0:81,flag\r\n"))
        #expect(shown.data.contains("SECKILL_DRAIN_DELAY,2s,default\r\n") && shown.data.contains("SECKILL_LIMIT_PER_USER,5/10,default\r\n"))
        for (name, value) in [("SECKILL_COMMIT_WAIT", "soon"), ("SECKILL_JWT_SECRET_FILE", "/nowhere"), ("SECKILL_REDIS_URL", "http://x")] {
            seckill.environment[name] = value
            let bad = try await seckill("config", "check")
            #expect(bad.status == 2 && bad.messages.contains(name), "\(bad.status) \(bad.messages)")
            seckill.environment[name] = name == "SECKILL_JWT_SECRET_FILE" ? secret : nil
        }
    }

    @Test(arguments: [["version"], ["--version"]]) func theVersionNamesCommitSwiftAndSchema(arguments: [String]) async throws {
        let outcome = try await SeckillCommand()(arguments)
        #expect(outcome.status == 0)
        for word in ["commit", "Swift", "schema"] { #expect(outcome.data.contains(word)) }
    }
}
