import Testing

@testable import PostgresLedger

@Suite struct PostgresAddressTests {
    @Test func aURIIsDescribedWithoutItsPassword() throws {
        let address = try PostgresAddress("postgresql://shop:hush%21@db.example:5433/sales?sslmode=require")
        #expect(address.description.contains("host=db.example"))
        #expect(!address.description.contains("hush"))
    }

    @Test func aConninfoIsDescribedWithoutItsPassword() throws {
        let address = try PostgresAddress("host=/run/postgresql dbname=sales password=hush")
        #expect(address.description == "host=/run/postgresql dbname=sales")
    }

    @Test func aMessageThatQuotesThePasswordIsRedacted() throws {
        let address = try PostgresAddress("postgresql://shop:hush%21@db/sales")
        #expect(address.redacted("tried hush! and hush!") == "tried *** and ***")
    }

    @Test(arguments: ["postgresql://shop:hush@db:port:port/x?nonsense=1", "dbname", "host=a pass word=hush"])
    func whatLibpqCannotReadIsRefusedWithoutQuotingIt(text: String) throws {
        let error = try #require(throws: MalformedPostgresAddress.self) { try PostgresAddress(text) }
        #expect(!error.description.contains("hush"))
    }

    /// libpq reads some of these without complaint, and takes parts of the password for a host, a
    /// port or a database.
    @Test(arguments: [
        ("postgresql://shop:Tr0ub4/dor3@db:5432/sales", "%2F"), ("postgresql://shop:Tr0ub4@dor3@db/sales", "%40"),
        ("postgresql://shop:Tr0ub4/@dor3@db/sales", "%2F"), ("postgres://sh/Tr0ub4:dor3@db/sales", "%2F"),
        ("postgresql://shop:Tr0ub4%dor3@db/sales", "%25"), ("postgresql://shop:Tr0ub4?dor3/x@db/sales", "%2F"),
        ("postgresql://shop:Tr0ub4 /dor3@db/sales", "%2F"), ("host=db password=Tr0ub4 dor3", "quotes"), ("host=db password='Tr0ub4'dor3'", "quotes"),
    ])
    func aPasswordThatIsNotEscapedIsRefusedWithTheEscapeAndWithoutQuotingIt(text: String, escape: String) throws {
        let error = try #require(throws: MalformedPostgresAddress.self) { try PostgresAddress(text) }
        #expect(error.description.contains(escape), "\(error)")
        #expect(!error.description.contains("Tr0ub4") && !error.description.contains("dor3"))
    }

    @Test(arguments: [
        "postgresql://shop:%2F%40%25@db:5432/sales", "postgresql://shop@a:1,b:2/sales?target_session_attrs=read-write",
        "postgresql:///sales?host=/run/x",
        "postgresql://shop:a:b%23?c@[::1]:5432/sales", "service=shop", "host=a,b port=1,2 dbname=x", "dbname=a@b",
    ])
    func whatIsWrittenAsItShouldBeIsTaken(text: String) throws {
        _ = try PostgresAddress(text)
    }

    @Test func everyHostIsTriedAloneWithItsOwnPort() throws {
        let hosts = try PostgresAddress("postgresql://shop@a:1,b:2/sales").hosts
        #expect(hosts.map(\.description) == ["a:1", "b:2"])
        #expect(hosts[1].options == [.init(keyword: "host", value: "b"), .init(keyword: "port", value: "2")])
        #expect(try PostgresAddress("host=a,b port=7 hostaddr=10.0.0.1,10.0.0.2").hosts.map(\.options.count) == [3, 3])
    }

    @Test(arguments: ["postgresql://shop@a:1/sales", "dbname=sales", "host=a,b port=1,2,3"])
    func oneHostAndListsThatDoNotFitAreLeftToLibpq(text: String) throws {
        #expect(try PostgresAddress(text).hosts.map(\.options) == [[]])
    }

    /// libpq takes an empty place in a list of ports for the usual one; alone, it would not.
    @Test(arguments: [
        ("postgresql://shop@a,b/sales", ["a:5432", "b:5432"]), ("postgresql://shop@a:1,b/sales", ["a:1", "b:5432"]),
        ("host=a,b dbname=sales", ["a", "b"]), ("host=a,b port=7 dbname=sales", ["a:7", "b:7"]),
    ])
    func everyHostHasAPort(address: String, hosts: [String]) throws {
        #expect(try PostgresAddress(address).hosts.map(\.description) == hosts)
    }
}
