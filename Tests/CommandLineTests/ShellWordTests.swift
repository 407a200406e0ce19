import SaleService
import Testing

@testable import seckill

@Suite struct ShellWordTests {
    @Test(arguments: [
        ("autumn", "autumn"), ("--closes-at=+30m", "--closes-at=+30m"), ("", "''"), ("asked by phone", "'asked by phone'"), ("it's", "'it'\\''s'"),
        ("$HOME", "'$HOME'"), ("小", "'小'"),
    ])
    func aWordIsReadAsItWasTyped(word: String, quoted: String) {
        #expect(ShellWord.quoted(word) == quoted)
    }

    @Test func theHistorysCommandCanBeGivenAgain() {
        #expect(
            Attribution.commandLine(["/usr/bin/seckill", "sale", "pause", "autumn", "--reason", "wrong price"])
                == "seckill sale pause autumn --reason 'wrong price'")
        #expect(
            Attribution.commandLine(["seckill", "sale", "pause", "autumn", "--database-url", "postgresql://u:p@h/d"])
                == "seckill sale pause autumn --database-url ***")
        #expect(Attribution.commandLine(["seckill", "--database-url=postgresql://u:p@h/d"]) == "seckill --database-url=***")
    }
}
