import Testing

@testable import seckill

@Suite struct UnknownNameTests {
    @Test func theNearestSaleIsNamedOrTheListOfThem() {
        #expect(UnknownName.sentence(unknownSale: "mien", names: ["mine", "other"]) == "there is no sale mien; did you mean mine?")
        #expect(UnknownName.sentence(unknownSale: "x", names: ["autumn"]) == "there is no sale x; see which there are with: seckill sale list")
        #expect(UnknownName.sentence(unknownSale: "x", names: []).hasSuffix("seckill sale list"))
    }

    @Test func theNearestItemIsNamedOrThoseThatThereAre() {
        #expect(
            UnknownName.sentence(unknownItem: "phone-y", of: "s", items: ["buds-2", "phone-x"]) == "sale s has no item phone-y; did you mean phone-x?"
        )
        #expect(
            UnknownName.sentence(unknownItem: "lamp", of: "s", items: ["buds-2", "phone-x"]) == "sale s has no item lamp; it has: buds-2, phone-x")
        #expect(UnknownName.sentence(unknownItem: "lamp", of: "s", items: []) == "sale s has no item lamp, for it has none")
        #expect(UnknownName.sentence(unknownItem: "lamp", of: "s", items: (1...12).map { "number-\($0)" }).hasSuffix("number-10, and 2 more"))
    }
}
