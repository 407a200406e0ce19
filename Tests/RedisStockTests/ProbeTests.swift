import Foundation
import Testing

@testable import RedisStock

@Suite struct ProbeTests {
    /// A user of Redis who may run the probe may run every other script that selling takes. That
    /// nodes hear of one another is not among them.
    @Test func theProbeCallsEveryCommandThatAnotherScriptCalls() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/RedisStock/Lua")
        let probed = try Self.commands(in: folder.appending(path: "probe.lua"))
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 5)
        for file in files where !["heartbeat.lua", "nodes.lua"].contains(file.lastPathComponent) {
            let missing = try Self.commands(in: file).subtracting(probed)
            #expect(missing.isEmpty, "\(file.lastPathComponent) calls \(missing.sorted())")
        }
    }

    private static func commands(in file: URL) throws -> Set<String> {
        let text = try String(contentsOf: file, encoding: .utf8)
        return Set(text.matches(of: /call\('([A-Z]+)'/).map { String($0.1) })
    }
}
