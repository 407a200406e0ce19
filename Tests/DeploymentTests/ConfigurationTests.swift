import Foundation
import Testing

/// What stands in `deploy`, looked through by the very programs that it is for.
@Suite struct ConfigurationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let deployment = root.appending(path: "deploy").path

    private struct Outcome {
        var status: Int32
        var text: String
    }

    private func run(_ arguments: [String]) throws -> Outcome {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, text: text)
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "seckill-deployment-\(UInt64.random(in: .min ... .max))").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    @Test(arguments: ["edge1", "edge2", "app1", "redis1", "redis2", "pg1", "pg2", "ops"])
    func everyFileOfAHostIsTakenByItsProgram(host: String) throws {
        try withDirectory { directory in
            let rendered = try run(["\(Self.deployment)/render.sh", host, directory])
            #expect(rendered.status == 0, "\(rendered.text)")
            let checked = try run(["\(Self.deployment)/check.sh", directory])
            #expect(checked.status == 0, "\(checked.text)")
        }
    }

    @Test func aFileThatItsProgramRefusesIsNamed() throws {
        try withDirectory { directory in
            #expect(try run(["\(Self.deployment)/render.sh", "edge1", directory]).status == 0)
            let file = URL(filePath: "\(directory)/haproxy/haproxy.cfg")
            try Data((try String(contentsOf: file, encoding: .utf8) + "\nnonsense\n").utf8).write(to: file)
            let checked = try run(["\(Self.deployment)/check.sh", directory])
            #expect(checked.status == 1)
            #expect(checked.text.contains("haproxy/haproxy.cfg"), "\(checked.text)")
        }
    }

    @Test func noVariableIsLeftWithoutAValue() throws {
        for host in ["edge1", "app1", "redis1", "pg1", "ops"] {
            try withDirectory { directory in
                #expect(try run(["\(Self.deployment)/render.sh", host, directory]).status == 0)
                let names = try run(["-c", "grep -rhoE '\\$\\{[A-Z][A-Z0-9_]*\\}' \(directory) || true"]).text
                #expect(names.isEmpty, "\(host): \(names)")
            }
        }
    }

    /// Every alert is tested and explained, every expression of the dashboards is sound and known
    /// to the rules.
    @Test func rulesDashboardsAndRunbookHoldToOneAnother() throws {
        let checked = try run(["\(Self.deployment)/grafana/check.sh"])
        #expect(checked.status == 0, "\(checked.text)")
    }

    /// A node that drains serves on until every edge has noticed.
    @Test func aNodeDrainsForLongerThanTheEdgesNeedToNotice() throws {
        let configuration = try String(contentsOfFile: "\(Self.deployment)/haproxy/haproxy.cfg", encoding: .utf8)
        let buy = try #require(configuration.components(separatedBy: "backend buy").last?.components(separatedBy: "\nbackend ").first)
        let check = try #require(buy.firstMatch(of: #/check inter ([0-9]+)ms .* fall ([0-9]+)/#))
        let (interval, fall) = (try #require(Int(check.1)), try #require(Int(check.2)))
        let settings = try String(contentsOfFile: "\(Self.deployment)/seckill.env", encoding: .utf8)
        let delay = try #require(settings.firstMatch(of: #/SECKILL_DRAIN_DELAY=([0-9]+)s/#).flatMap { Int($0.1) })
        #expect(delay * 1_000 > interval * fall + 1_000)
    }
}
