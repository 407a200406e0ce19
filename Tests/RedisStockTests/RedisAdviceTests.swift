import Foundation
import RedisStock
import SaleService
import Testing

struct RedisAdviceTests {
    private static let good = [
        "appendonly": "yes", "appendfsync": "everysec", "save": "",
        "auto-aof-rewrite-percentage": "100", "auto-aof-rewrite-min-size": "1073741824",
    ]

    @Test func `good settings get no advice`() {
        #expect(RedisAdvice.advice(on: Self.good).isEmpty)
        #expect(Set(RedisAdvice.settings) == Set(Self.good.keys))
    }

    @Test(arguments: [
        (["appendfsync": "always"], ["appendfsync"]),
        (["save": "3600 1 300 100 60 10000"], ["save"]),
        (["save": "3600 1", "appendonly": "no"], []),
        (["auto-aof-rewrite-min-size": "67108864"], ["auto-aof-rewrite-min-size"]),
        (["auto-aof-rewrite-min-size": "67108864", "auto-aof-rewrite-percentage": "0"], []),
        (["auto-aof-rewrite-min-size": "1073741823"], ["auto-aof-rewrite-min-size"]),
        (["auto-aof-rewrite-min-size": "?"], []),
    ])
    func `a setting that stalls or loses is named`(changed: [String: String], named: [String]) {
        let advice = RedisAdvice.advice(on: Self.good.merging(changed) { $1 })
        #expect(advice.map(\.setting) == named)
    }

    @Test func `the configuration that is deployed gets no advice`() throws {
        let file = URL(filePath: #filePath).appending(path: "../../../deploy/redis/redis.conf").standardized
        var values = Self.good
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2, Self.good.keys.contains(words[0]) else { continue }
            values[words[0]] = words[1].replacing("\"", with: "").replacing("1gb", with: "1073741824")
        }
        #expect(RedisAdvice.advice(on: values).isEmpty)
        #expect(values["appendonly"] == "yes" && values["auto-aof-rewrite-min-size"] == "1073741824")
    }

    @Test func `what is not known is not judged`() { #expect(RedisAdvice.advice(on: [:]).isEmpty) }
}
