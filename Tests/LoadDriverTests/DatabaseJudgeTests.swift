import Foundation
import LoadModel
import LoadSupport
import PrivateServers
import Testing

@testable import LoadDriver

/// `rush` with the verdict of a real Postgres that holds what a service might have written.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DatabaseJudgeTests {
    /// The two public tables, ten units loaded and ten orders of the users `u-0` to `u-9`.
    static let honest = """
        CREATE TABLE stock (sale_id text, sku text, loaded bigint, committed bigint, limit_per_user int);
        CREATE TABLE orders (id uuid PRIMARY KEY, sale_id text, sku text, user_id text, quantity int, state text, created_at timestamptz);
        INSERT INTO stock VALUES ('demo', 'phone-x', 10, 10, 1), ('demo', 'other', 5, 0, 1);
        INSERT INTO orders SELECT ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'demo', 'phone-x', 'u-' || lpad(n::text, 2, '0'),
            1, 'awaiting_payment', now() FROM generate_series(0, 9) n;
        """

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sql: String
        var failed: [String]

        init(_ name: String, _ sql: String, _ failed: [String]) {
            self.testDescription = name
            self.sql = sql
            self.failed = failed
        }
    }

    static let rows: [Row] = [
        Row("honest books", "", []),
        Row("oversold", "UPDATE stock SET loaded = 9 WHERE sku = 'phone-x'", ["no_oversell", "answers_within_stock"]),
        Row("a lost order", "DELETE FROM orders WHERE user_id = 'u-03'", ["stock_counter", "confirmed_orders_stand"]),
        Row("a rejected order", "UPDATE orders SET state = 'rejected' WHERE user_id = 'u-03'", ["stock_counter", "confirmed_orders_stand"]),
        Row("unsold units", "UPDATE stock SET loaded = 11 WHERE sku = 'phone-x'", ["nothing_left_unsold"]),
        Row("another user's order", "UPDATE orders SET user_id = 'u-04' WHERE user_id = 'u-03'", ["orders_as_ordered", "limit_per_user"]),
    ]

    @Test func verdictIsThatOfTheBooks() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "seckill-load-pg-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let postgres = try await PrivatePostgres.start(directory: directory.path, isDurable: false)
        do {
            for row in Self.rows { try await check(row, postgres) }
        } catch {
            await postgres.kill()
            throw error
        }
        await postgres.kill()
    }

    private func check(_ row: Row, _ postgres: PrivatePostgres) async throws {
        let database = try await postgres.createDatabase()
        _ = try await Psql(url: database).rows(Self.honest + row.sql)
        // Users 0 to 9 buy, the other 90 come too late.
        try await FakeService.with({
            let user = Int($0.user.dropFirst(2)) ?? 99
            return user < 10 ? .committed(user) : .problem(409, "sold_out")
        }) { _, url in
            let outcome = try await LoadCommand.rush(
                url, users: 100, rate: 200, duration: "0.5s", "--users-prefix", "u-", "--database-url", database, "--settle", "100ms",
                "--pids", "postgres=\(postgres.pid)")
            let report = try outcome.report()
            #expect(report.failedRules == row.failed, "\(row.testDescription)")
            #expect(outcome.status == (row.failed.isEmpty ? 0 : 99), "\(row.testDescription): \(outcome.messages)")
            #expect(report.invariants.count == 11)
            #expect(report.cpu.map(\.process) == ["generator", "postgres"])
        }
    }

    @Test func unknownSKUIsWrongUsage() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "seckill-load-pg-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let postgres = try await PrivatePostgres.start(directory: directory.path, isDurable: false)
        let psql = Psql(url: postgres.localURL)
        await #expect(throws: Never.self) { try await psql.rows(Self.honest) }
        let reader = DatabaseReader(psql: psql, sale: "demo", sku: "none", usersPrefix: "u-")
        await #expect(throws: PsqlError.notRow("table stock has no row for sale demo, sku none")) { try await reader.read() }
        await postgres.kill()
    }
}
