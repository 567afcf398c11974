-- The tables are those of the sample database Chinook (see README.md beside this file); the rows are made up for these tests.

create table "Artist" ("ArtistId" integer not null primary key, "Name" nvarchar(120));
create table "Album" ("AlbumId" integer not null primary key, "Title" nvarchar(160) not null, "ArtistId" integer not null, foreign key ("ArtistId") references "Artist" ("ArtistId"));
create table "Employee" ("EmployeeId" integer not null primary key, "LastName" nvarchar(20) not null, "FirstName" nvarchar(20) not null, "Title" nvarchar(30), "ReportsTo" integer, "BirthDate" datetime, "HireDate" datetime, "City" nvarchar(40), "Email" nvarchar(60), foreign key ("ReportsTo") references "Employee" ("EmployeeId"));
create table "Customer" ("CustomerId" integer not null primary key, "FirstName" nvarchar(40) not null, "LastName" nvarchar(20) not null, "Company" nvarchar(80), "Country" nvarchar(40), "Email" nvarchar(60) not null, "SupportRepId" integer, foreign key ("SupportRepId") references "Employee" ("EmployeeId"));
create table "Genre" ("GenreId" integer not null primary key, "Name" nvarchar(120));
create table "MediaType" ("MediaTypeId" integer not null primary key, "Name" nvarchar(120));
create table "Track" ("TrackId" integer not null primary key, "Name" nvarchar(200) not null, "AlbumId" integer, "MediaTypeId" integer not null, "GenreId" integer, "Composer" nvarchar(220), "Milliseconds" integer not null, "Bytes" integer, "UnitPrice" numeric(10,2) not null, foreign key ("AlbumId") references "Album" ("AlbumId"), foreign key ("MediaTypeId") references "MediaType" ("MediaTypeId"), foreign key ("GenreId") references "Genre" ("GenreId"));
create table "Invoice" ("InvoiceId" integer not null primary key, "CustomerId" integer not null, "InvoiceDate" datetime not null, "BillingCountry" nvarchar(40), "Total" numeric(10,2) not null, foreign key ("CustomerId") references "Customer" ("CustomerId"));
create table "InvoiceLine" ("InvoiceLineId" integer not null primary key, "InvoiceId" integer not null, "TrackId" integer not null, "UnitPrice" numeric(10,2) not null, "Quantity" integer not null, foreign key ("InvoiceId") references "Invoice" ("InvoiceId"), foreign key ("TrackId") references "Track" ("TrackId"));
create table "Playlist" ("PlaylistId" integer not null primary key, "Name" nvarchar(120));
create table "PlaylistTrack" ("PlaylistId" integer not null, "TrackId" integer not null, constraint "PK_PlaylistTrack" primary key ("PlaylistId", "TrackId"), foreign key ("PlaylistId") references "Playlist" ("PlaylistId"), foreign key ("TrackId") references "Track" ("TrackId"));
create index "IFK_AlbumArtistId" on "Album" ("ArtistId");
create index "IFK_TrackAlbumId" on "Track" ("AlbumId");
create index "IFK_InvoiceLineInvoiceId" on "InvoiceLine" ("InvoiceId");

insert into "Artist" values (1, 'The Tin Foxes'), (2, 'Marta Quill'), (3, 'Nine Harbours');
insert into "Album" values (1, 'Low Tide', 1), (2, 'Paper Moons', 2), (3, 'High Tide', 1);
insert into "Employee" values (1, 'Okafor', 'Ada', 'General Manager', null, '1970-02-18 00:00:00', '2015-08-14 00:00:00', 'Leeds', 'ada@shop.test'), (2, 'Lund', 'Nils', 'Sales', 1, '1980-12-08 00:00:00', '2016-05-01 00:00:00', 'Oslo', 'nils@shop.test'), (3, 'Reyes', 'Ines', 'Sales', 1, null, '2017-01-02 00:00:00', 'Vigo', 'ines@shop.test');
insert into "Customer" values (1, 'Ola', 'Berg', null, 'Norway', 'ola@mail.test', 2), (2, 'Kim', 'Park', 'Park Ltd', 'Korea', 'kim@mail.test', 2), (3, 'Eva', 'Silva', null, 'Brazil', 'eva@mail.test', null);
insert into "Genre" values (1, 'Rock'), (2, 'Folk');
insert into "MediaType" values (1, 'MPEG audio'), (2, 'AAC audio');
insert into "Track" values (1, 'Ebb', 1, 1, 1, 'T. Fox', 201000, 4100000, 0.99), (2, 'Flow', 1, 1, 1, null, 187500, 3900000, 0.99), (3, 'Crescent', 2, 2, 2, 'M. Quill', 244000, 5200000, 1.29), (4, 'Spring', 3, 1, null, 'T. Fox', 199000, null, 0.99), (5, 'Loose End', null, 1, 2, null, 91000, 1800000, 0.49);
insert into "Invoice" values (1, 1, '2024-01-01 00:00:00', 'Norway', 1.98), (2, 2, '2024-01-02 00:00:00', 'Korea', 2.28);
insert into "InvoiceLine" values (1, 1, 1, 0.99, 1), (2, 1, 2, 0.99, 1), (3, 2, 3, 1.29, 1), (4, 2, 4, 0.99, 1);
insert into "Playlist" values (1, 'Morning'), (2, 'Sea');
insert into "PlaylistTrack" values (1, 3), (2, 1), (2, 2), (2, 4);
