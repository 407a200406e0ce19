import Foundation
import OperatorAPI
import PrivateServers
import Testing

@Suite(.timeLimit(.minutes(2))) struct OperatorAddTests {
    @Test func theTokenIsPrintedOnceAndTheFileHoldsItsDigest() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = "\(directory.path)/operators"
        let foreseen = try await SeckillCommand()("operator", "add", "ada", "--role", "operator", "--file", path, "--dry-run")
        #expect(foreseen.status == 0 && foreseen.data.isEmpty && foreseen.messages.contains("would stand"), "\(foreseen.messages)")
        #expect(!FileManager.default.fileExists(atPath: path))
        let first = try await SeckillCommand()("operator", "add", "ada", "--role", "operator", "--file", path)
        let token = first.data.trimmingCharacters(in: .newlines)
        #expect(first.status == 0 && token.hasPrefix("sko_") && !first.messages.contains(token), "\(first.messages)")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let other = try await SeckillCommand(environment: ["SECKILL_OPERATORS_FILE": path])("operator", "add", "wall", "--role", "viewer")
        #expect(other.status == 0 && other.data != first.data)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.contains("sko_"))
        #expect(text.split(separator: "\n").map { $0.split(separator: " ").dropLast() } == [["ada", "operator"], ["wall", "viewer"]])
        #expect(try OperatorList(text).contains(name: "ada"))
    }

    @Test func nobodyIsNamedTwiceAndABadFileIsLeftAsItIs() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = "\(directory.path)/operators"
        #expect(try await SeckillCommand()("operator", "add", "ada", "--role", "viewer", "--file", path).status == 0)
        for flags in [[], ["--dry-run"]] {
            let again = try await SeckillCommand()(["operator", "add", "ada", "--role", "admin", "--file", path] + flags)
            #expect(again.status == 4 && again.data.isEmpty)
        }
        try "ada viewer nothing\n".write(toFile: path, atomically: false, encoding: .utf8)
        let bad = try await SeckillCommand()("operator", "add", "eve", "--role", "admin", "--file", path)
        #expect(bad.status == 2 && bad.messages.contains("line 1") && bad.data.isEmpty)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "ada viewer nothing\n")
        #expect(try await SeckillCommand()("operator", "add", "a b", "--role", "admin", "--file", path).status == 2)
        #expect(try await SeckillCommand()("operator", "add", "eve", "--role", "root", "--file", path).status == 2)
        #expect(try await SeckillCommand()("operator", "add", "eve", "--role", "admin").status == 2)
    }

    @Test func aBadLineStopsTheStartAndIsNamed() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = "\(directory.path)/operators"
        try "# ours\nada boss 00\n".write(toFile: path, atomically: false, encoding: .utf8)
        let outcome = try await SeckillCommand(environment: ["SECKILL_AUTH": "trusted-header", "SECKILL_OPERATORS_FILE": path])("serve")
        #expect(outcome.status == 2 && outcome.messages.contains("SECKILL_OPERATORS_FILE") && outcome.messages.contains("line 2"))
    }
}
