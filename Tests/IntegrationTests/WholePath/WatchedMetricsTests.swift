import Foundation
import NIOHTTP1
import SaleCore
import Testing

/// A rule on a metric that nobody exposes never fires, and its own tests, which make their figures
/// up, do not notice.
@Suite struct WatchedMetricsTests {
    private static let rules = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/prometheus")

    @Test func everyMetricThatARuleReadsIsExposed() async throws {
        let text = try ["alerts.yml", "recording.yml"].map { try String(contentsOf: Self.rules.appending(path: $0), encoding: .utf8) }.joined()
        // A node without webhooks has no lag of them: see WebhookDeliveryTests.
        let wanted = Set(text.matches(of: /\bseckill_[a-z0-9_]+/).map { String($0.output) }).subtracting(["seckill_webhook_lag_seconds"])
        #expect(wanted.count > 15)
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                #expect(try await service.buy(sale, as: "ann").status == 201)
                func missing(_ scrape: String) -> [String] {
                    wanted.filter { !scrape.contains("\n\($0) ") && !scrape.contains("\n\($0){") }.sorted()
                }
                // Some are counted every few seconds.
                let until = ContinuousClock.now + .seconds(30)
                var left = wanted.sorted()
                while !left.isEmpty, ContinuousClock.now < until {
                    try await Task.sleep(for: .milliseconds(200))
                    left = missing(try await service.send(.GET, "/metrics", base: "http://\(service.admin)").text)
                }
                #expect(left == [])
            }
        }
    }
}
