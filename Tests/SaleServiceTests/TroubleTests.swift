import Logging
import SaleCore
import Synchronization
import Testing

@testable import SaleService

/// What keeps failing is told once.
@Suite struct TroubleTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func append(_ line: String) { lines.withLock { $0.append(line) } }

        var logger: Logger {
            Logger(label: "test") { _ in Handler(lines: self) }
        }
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let count = event.metadata?[LogKey.count].map { " \($0)" } ?? ""
            lines.append("\(event.level) \(event.message)\(count)")
        }
    }

    private let lines = Lines()
    private let sales = ["a", "b", "c"].map { SaleID($0)! }
    private let down = StoreError.refused(reason: "MISCONF a")

    @Test func `an outage of Postgres is told when it begins and when it is over, whoever notices`() {
        let outage = Outage(logger: lines.logger)
        outage.note(nil, by: .watch)
        outage.note(.unavailable(reason: ""), by: .writer(0))
        outage.note(nil, by: .writer(1))
        outage.note(.unavailable(reason: ""), by: .watch)
        outage.note(nil, by: .watch)
        outage.note(.unavailable(reason: ""), by: .writer(0))
        #expect(lines.all == ["error Postgres confirms no orders"])
        outage.note(nil, by: .writer(0))
        #expect(lines.all.last == "notice Postgres confirms orders again" && lines.all.count == 2)
    }

    @Test func `sales that the same thing befell make one line`() {
        let log = TroubleLog("trouble", logger: lines.logger)
        log.note(sales.map { ($0, .failure(down)) })
        #expect(lines.all == ["error trouble 3"])
        log.note(sales.map { ($0, .failure(StoreError.refused(reason: "MISCONF b"))) })
        #expect(lines.all.count == 1)
    }

    @Test func `another trouble, and the same after a success, are told again`() {
        let log = TroubleLog("trouble", logger: lines.logger)
        log.note([(sales[0], .failure(down))])
        log.note([(sales[0], .failure(StoreError.refused(reason: "OOM")))])
        #expect(lines.all.count == 2)
        log.note([(sales[0], .success(()))])
        log.note([(sales[0], .failure(StoreError.refused(reason: "OOM")))])
        #expect(lines.all.count == 3)
    }
}
