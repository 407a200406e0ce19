import ArgumentParser
import ServerAssembly
import Testing

@testable import seckill

@Suite struct SettingFlagsTests {
    @Test(arguments: Setting.all.map(\.name))
    func everySettingIsAFlagOfTheSameName(name: String) throws {
        let flag = "--" + name.dropFirst("SECKILL_".count).lowercased().replacing("_", with: "-")
        #expect(try ServeCommand.parse([flag, "some text"]).overrides == [name: "some text"])
        #expect(ServeCommand.helpMessage().contains(flag + " <"))
    }

    @Test func whatIsNotGivenOverridesNothing() throws {
        #expect(try ServeCommand.parse([]).overrides.isEmpty)
    }

    @Test func aFlagThatIsGivenTwiceCountsTheSecondTime() throws {
        #expect(try ServeCommand.parse(["--auth", "jwt", "--auth", "trusted-header"]).overrides == ["SECKILL_AUTH": "trusted-header"])
    }
}
