import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct AuditCommandTests {
    @Test func booksThatBalancePass() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<4)
            try await shell.moveAvailable(by: -4)
            let outcome = try await shell.seckill("audit", "-o", "json")
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(try outcome.json()["balanced"] as? Bool == true)
        }
    }

    @Test(arguments: [(-3, "I4 3 units leaked"), (3, "I4 3 units minted")])
    func unitsThatAreMissingOrTooManyAreFound(units: Int, verdict: String) async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.moveAvailable(by: units)
            let outcome = try await shell.seckill("audit", "--sale", shell.sale)
            #expect(outcome.status == 7)
            #expect(outcome.data.contains(verdict), "\(outcome.data)")
            #expect(outcome.data.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(outcome.data)")
        }
    }

    @Test func theBooksGoIntoASpreadsheetItemByItem() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.moveAvailable(by: -3)
            let outcome = try await shell.seckill("audit", "--sale", shell.sale, "-o", "csv")
            #expect(outcome.status == 7)
            let header = "sale,sku,loaded,available,in_flight,live,committed,settled,breaches"
            #expect(outcome.data == "\(header)\r\n\(shell.sale),lamp,100,97,0,0,0,true,I4 3 units leaked\r\n")
            let lines = try await shell.seckill("audit", "--sale", shell.sale, "-o", "ndjson").data.split(separator: "\n")
            #expect(lines.count == 1 && lines[0].hasPrefix("{\"available\":97,\"breaches\":[\"I4 3 units leaked\"]"), "\(lines)")
        }
    }

    /// A lower limit does not undo what was bought under a higher one.
    @Test func whoHoldsMoreThanALaterLimitIsNotOverIt() async throws {
        try await withOperator { shell in
            let two = shell.yaml.replacing("limit_per_user: 1", with: "limit_per_user: 2")
            #expect(try await shell.seckill("sale", "apply", "-f", "-", input: two).status == 0)
            try await shell.commit(0..<2, user: "ann")
            try await shell.moveAvailable(by: -2)
            try await shell.apply()
            let outcome = try await shell.seckill("audit")
            #expect(outcome.status == 0, "\(outcome.data)\(outcome.messages)")
        }
    }

    /// They are in Postgres, and Redis would sell them again.
    @Test func unitsThatWouldBeSoldTwiceAreFound() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<2)
            let outcome = try await shell.seckill("audit", "-o", "json")
            #expect(outcome.status == 7)
            let balances = try outcome.json()["balances"] as? [[String: Any]]
            #expect(balances?.first?["breaches"] as? [String] == ["I4 2 units minted"])
        }
    }
}
