import Foundation
import SaleService
import Testing

@testable import PostgresLedger

struct PostgresAdviceTests {
    private static let good = [
        "fsync": "on", "full_page_writes": "on", "min_wal_size": "1024", "max_wal_size": "4096", "checkpoint_timeout": "300", "wal_init_zero": "off",
        "commit_delay": "0",
        "log_statement": "ddl",
        "log_min_duration_statement": "-1", "vm.dirty_background_bytes": "16777216",
    ]

    private static func advice(on values: [String: String]) -> [SettingAdvice] {
        PostgresAdvice.advice(on: values.mapValues { ($0, "shown \($0)") })
    }

    @Test func `good settings get no advice`() {
        #expect(Self.advice(on: Self.good).isEmpty)
        #expect(Self.advice(on: ["vm.dirty_background_bytes": "33554432"]).isEmpty)
        #expect(Set(PostgresAdvice.settings) == Set(Self.good.keys))
    }

    @Test(arguments: [
        ("fsync", "off"), ("full_page_writes", "off"), ("min_wal_size", "1023"), ("max_wal_size", "4095"), ("checkpoint_timeout", "299"),
        ("wal_init_zero", "on"),
        ("commit_delay", "1"),
        ("log_statement", "all"), ("log_statement", "mod"), ("log_min_duration_statement", "0"),
        ("vm.dirty_background_bytes", "0"), ("vm.dirty_background_bytes", "33554433"),
    ])
    func `a setting that stalls or loses is named, with its value as people write it`(setting: String, value: String) {
        let advice = Self.advice(on: Self.good.merging([setting: value]) { $1 })
        #expect(advice.map(\.setting) == [setting] && advice.map(\.value) == ["shown \(value)"])
        #expect(advice[0].isRisk == ["fsync", "full_page_writes"].contains(setting))
        #expect("\(advice[0])".hasPrefix("\(setting) is shown \(value): "))
    }

    /// In the units of `pg_settings`.
    @Test(arguments: [("seckill.conf", " = "), ("patroni.yml", ": ")])
    func `the configuration that is deployed gets no advice`(name: String, separator: String) throws {
        let file = URL(filePath: #filePath).appending(path: "../../../deploy/postgres/\(name)").standardized
        var values: [String: String] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let words = line.trimmingCharacters(in: .whitespaces).split(separator: separator, maxSplits: 1).map(String.init)
            guard words.count == 2, PostgresAdvice.settings.contains(words[0]) else { continue }
            values[words[0]] = ["1GB": "1024", "4GB": "4096", "15min": "900"][words[1]] ?? words[1].replacing("\"", with: "")
        }
        #expect(Set(values.keys) == ["min_wal_size", "max_wal_size", "checkpoint_timeout", "wal_init_zero"])
        #expect(Self.advice(on: values).isEmpty)
    }

    @Test func `what is not known is not judged`() { #expect(PostgresAdvice.advice(on: [:]).isEmpty) }
}
