import Glibc
import SaleService
import Testing

@testable import PostgresLedger

/// Several statements in one message: one transaction, whatever becomes of it, and a connection
/// that works afterwards.
@Suite(.timeLimit(.minutes(3))) struct PipelineTests {
    private static let keep = Statement("keep", "INSERT INTO kept VALUES ($1::bigint) RETURNING number * 10")
    private static let sleep = Statement("sleep", "SELECT pg_sleep(5)")
    private static let process = Statement("process", "SELECT pg_backend_pid()")

    private func keep(_ number: Int64) -> PreparedCall {
        var parameters = PostgresParameters()
        parameters.int64(number)
        return PreparedCall(Self.keep, parameters)
    }

    private func withTable(_ profile: SessionProfile = .orders, _ body: (PostgresSession, LedgerUnderTest) async throws -> Void) async throws {
        try await withPostgres { url in
            let ledger = try LedgerUnderTest(url: url)
            try await ledger.session.script("CREATE TABLE kept (number bigint PRIMARY KEY CHECK (number > 0))")
            try await body(PostgresSession(address: ledger.address, profile: profile), ledger)
        }
    }

    private func run(_ calls: [PreparedCall], on session: PostgresSession) async throws -> Int64 {
        try await session.perform { (session: isolated PostgresSession) throws(JournalError) in try session.pipeline(calls) { $0.int64(0, 0) } }
    }

    private func process(of session: PostgresSession) async throws -> Int32 {
        try await session.perform { (session: isolated PostgresSession) throws(JournalError) in try session.query(Self.process) { $0.int32(0, 0) } }
    }

    private func kept(_ ledger: LedgerUnderTest) async throws -> [String] {
        try await ledger.lines("SELECT number::text FROM kept ORDER BY number")
    }

    @Test func theLastOneAnswersAndAllOfThemCount() async throws {
        try await withTable { session, ledger in
            let answer = try await run([keep(1), keep(2), keep(3)], on: session)
            #expect(answer == 30)
            #expect(try await kept(ledger) == ["1", "2", "3"])
            #expect(try await ledger.number("SELECT count(DISTINCT xmin::text) FROM kept") == 1)
            #expect(try await run([keep(4)], on: session) == 40)
        }
    }

    @Test(arguments: 0..<3) func anErrorAnywhereWritesNothingAndIsTheFirstOne(position: Int) async throws {
        try await withTable { session, ledger in
            #expect(try await run([keep(7)], on: session) == 70)
            let process = try await process(of: session)
            var calls = [keep(1), keep(2), keep(3)]
            calls[position] = keep(0)
            // Another one that would fail, had it been run.
            calls.append(keep(7))
            let error = await #expect(throws: JournalError.self) { try await run(calls, on: session) }
            #expect(error?.hasState(SQLState.checkViolation) == true)
            #expect(try await kept(ledger) == ["7"])
            #expect(try await run([keep(1), keep(2)], on: session) == 20)
            #expect(try await kept(ledger) == ["1", "2", "7"])
            #expect(try await self.process(of: session) == process)
        }
    }

    @Test func aStatementThatCannotBePreparedSendsNothing() async throws {
        try await withTable { session, ledger in
            await #expect(throws: JournalError.self) { try await run([keep(1), PreparedCall(Statement("odd", "SELECT nothing"))], on: session) }
            #expect(try await kept(ledger) == [])
            let answer = try await run([keep(1)], on: session)
            #expect(answer == 10)
        }
    }

    @Test func withinATransactionItIsAPartOfIt() async throws {
        try await withTable { session, ledger in
            let keep = [keep(1), keep(2)]
            await #expect(throws: JournalError.self) {
                try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                    try session.transaction { () throws(JournalError) in
                        try session.pipeline(keep) { _ in }
                        try session.run(Self.keep, keep[0].parameters)
                    }
                }
            }
            #expect(try await kept(ledger) == [])
            try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                try session.transaction { () throws(JournalError) in try session.pipeline(keep) { _ in } }
            }
            #expect(try await kept(ledger) == ["1", "2"])
        }
    }

    @Test func aStatementThatTakesTooLongIsUnavailableAndWroteNothing() async throws {
        try await withTable(SessionProfile(statementMilliseconds: 200, replyMilliseconds: 30_000, planCache: .generic)) { session, ledger in
            let error = await #expect(throws: JournalError.self) { try await run([keep(1), PreparedCall(Self.sleep), keep(2)], on: session) }
            guard case .unavailable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await kept(ledger) == [])
            let answer = try await run([keep(1)], on: session)
            #expect(answer == 10)
        }
    }

    /// The server's process would otherwise sleep on, with its locks.
    @Test func anAnswerThatDoesNotComeIsUnknownAndItsStatementIsEnded() async throws {
        try await withTable(SessionProfile(statementMilliseconds: 0, replyMilliseconds: 300, planCache: .generic)) { session, ledger in
            await #expect {
                _ = try await run([keep(1), PreparedCall(Self.sleep)], on: session)
            } throws: { error in
                if case JournalError.outcomeUnknown = error { true } else { false }
            }
            try await ledger.wait(until: "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%')")
            #expect(try await run([keep(2)], on: session) == 20)
            #expect(try await kept(ledger) == ["2"])
        }
    }

    @Test func aServerProcessThatEndsInTheMiddleLeavesTheOutcomeUnknown() async throws {
        try await withTable { session, ledger in
            let pid = try await process(of: session)
            let calls = [keep(1), PreparedCall(Self.sleep), keep(2)]
            async let lost = run(calls, on: session)
            try await ledger.wait(until: "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(pid) AND wait_event = 'PgSleep')")
            try await ledger.session.script("SELECT pg_terminate_backend(\(pid))")
            do {
                let value = try await lost
                Issue.record("\(value)")
            } catch {
                // The server says goodbye in words, or is just gone.
                if case JournalError.failed = error { Issue.record("\(error)") }
            }
            #expect(try await kept(ledger) == [])
            #expect(try await run([keep(3)], on: session) == 30)
        }
    }

    @Test func aServerThatMayOnlyReadIsLeft() async throws {
        try await withTable { session, ledger in
            let pid = try await process(of: session)
            try await session.script("SET default_transaction_read_only = on")
            let error = await #expect(throws: JournalError.self) { try await run([PreparedCall(Self.process), keep(1)], on: session) }
            guard case .unavailable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await process(of: session) != pid)
            #expect(try await run([keep(1)], on: session) == 10)
        }
    }

    /// More than the sockets hold in either direction: whoever only sent would wait for ever.
    @Test func itIsLargerThanTheSocketsHold() async throws {
        try await withTable { session, ledger in
            let echo = Statement("echo", "SELECT $1::text")
            var parameters = PostgresParameters()
            parameters.text(String(repeating: "x", count: 4_000_000))
            let calls = (1...8).map { _ in PreparedCall(echo, parameters) }
            let count = try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                try session.pipeline(calls) { $0.text(0, 0).utf8.count }
            }
            #expect(count == 4_000_000)
            #expect(try await kept(ledger) == [])
        }
    }
}
